"""`mockatell healthcheck`: whether a sidecar is ready, for containers and for scripts."""

from __future__ import annotations

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import click
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from mockatell.cli.options import DURATION, PORT, option
from mockatell.core.scenario.urls import flaw, masked
from mockatell.errors import ConfigurationError

_ONE_TRY = 3.0
_BETWEEN = 0.2


@click.command("healthcheck", short_help="Whether a sidecar is ready.")
@option("--url", metavar="URL", help="The sidecar's; by default, where one on this machine is.")
@option("--wait", "patience", type=DURATION, default="0s",
        help="Ask again for so long until it is ready.")  # fmt: skip
def command(url: str | None, patience: float) -> None:
    """Exit with 0 if the sidecar is ready, and with 1 if it is not.

    \b
    mockatell healthcheck --url http://localhost:8080 --wait 30s
    """
    place = url or f"http://127.0.0.1:{PORT.convert(os.environ.get('MOCKATELL_PORT'), None, None)}"
    if found := flaw(place):
        raise ConfigurationError(f"--url: {masked(place)!r} {found[0]} ({found[1]})")
    trouble = _patiently(place, patience)
    click.echo(f"{masked(place)} is {trouble or 'ready'}", err=bool(trouble))
    sys.exit(1 if trouble else 0)


def _patiently(url: str, patience: float) -> str:
    """What is the matter when the patience is over; "" as soon as nothing is."""
    asking = Retrying(
        retry=retry_if_result(bool),
        stop=stop_after_delay(patience),
        wait=wait_fixed(_BETWEEN),
        retry_error_callback=lambda state: state.outcome and state.outcome.result(),
    )
    trouble: Any = asking(_trouble, url)
    return str(trouble)


def _trouble(url: str) -> str:
    """Ask once."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme.lower() == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_ONE_TRY)
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/readyz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"not there: {str(error) or type(error).__name__}"
    finally:
        connection.close()
    return "" if status == HTTPStatus.OK else f"not ready: it answers {status}"
