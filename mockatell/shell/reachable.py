"""Whether anything accepts connections at a URL, and waiting until it does."""

from __future__ import annotations

import asyncio
import os
import socket
from asyncio import open_connection
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

from mockatell.core.scenario.units import format_seconds
from mockatell.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable

_ONE_TRY: Final = 2.0
_PORTS: Final = {"http": 80, "https": 443}


async def wait_until_reachable(urls: Iterable[str], patience: float) -> None:
    """Return once every URL's host accepts connections; a name without an address is waited for.

    Args:
        urls: Each `http` or `https`, with a host.
        patience: Seconds.

    Raises:
        UnreachableError: One did not in time.
    """
    places = {_place(url) for url in urls}
    await asyncio.gather(*(_wait_for(host, port, patience) for host, port in sorted(places)))


async def _wait_for(host: str, port: int, patience: float) -> None:
    attempts = AsyncRetrying(
        retry=retry_if_exception_type(OSError),
        wait=wait_exponential(multiplier=0.05, max=1),
        stop=stop_after_delay(patience),
        reraise=True,
    )
    try:
        await attempts(_connect, host, port)
    except OSError as error:
        within = format_seconds(patience)
        raise UnreachableError(
            f"{host}:{port} accepted no connection within {within}{_why(error)}"
        ) from None


def _why(error: OSError) -> str:
    """The system's reason, where it gives one."""
    if isinstance(error, socket.gaierror):
        return f": {error.strerror}"
    return f": {os.strerror(error.errno)}" if error.errno else ""


async def _connect(host: str, port: int) -> None:
    async with asyncio.timeout(_ONE_TRY):
        _, writer = await open_connection(host, port)
    writer.close()


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _PORTS[parts.scheme.lower()]
