"""`mockatell serve`: the sidecar, Clickatell next to an app."""

from __future__ import annotations

import os
from importlib.util import find_spec
from math import inf
from typing import TYPE_CHECKING, Any

import click

from mockatell.cli import logs
from mockatell.cli.options import (
    DURATION,
    PORT,
    SPEED,
    Factor,
    all_of,
    option,
    retry,
    seed,
    targets,
)
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    import socket

    from mockatell.core.scenario.spec import Scenario
    from mockatell.rooms.sidecar import SidecarSettings

_RETRY = "fast"
"""What holds unless said: a message lives fast, and so do the retries of what tells of it."""
_NEEDED = ("fastapi", "prometheus_client", "uvicorn")

where = all_of(
    option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
    option("--port", type=PORT, default=PORT.default, show_default=True,
           help="The port to listen on; 0 is any that is free."),
    option("--public-url", metavar="URL",
           help="How your app gets here, for the links in callbacks (`downloadUrl`); unless said, "
           "as what it sends gets here."),
    option("--token", metavar="TOKEN", help="What the control API and the page are to ask for."),
    option("--insecure-open", is_flag=True,
           help="Let anybody who gets here use the control API and the page."),
)  # fmt: skip

world = all_of(
    option("--api-key", "api_keys", multiple=True, metavar="KEY",
           help="A key that your app may send with; any, when none is given. Repeatable."),
    option("--config", metavar="FILE",
           help="A scenario whose integration, endpoints, retry and faults hold here."),
    option("--pace", type=Factor(0, 1000), default=0.1, show_default=True,
           help="What the waits in a message's life are multiplied by: 1 is as on the platform."),
    option("--speed", type=SPEED, default=1.0, show_default=True,
           help="Divide all waits by this, those for retries too."),
    option("--standin", multiple=True, metavar="KEY=VALUE",
           help="What your integration is like, as in `window=strict`, `numbers=27820000000,Shop` "
           "or `refuse_with=19`; docs/sidecar.md has all keys. Repeatable."),
    option("--sandbox", is_flag=True, help="Messages end EMULATED, as in a sandbox."),
    option("--allow-host", "allow_hosts", multiple=True, metavar="HOST",
           help="Where callbacks may go besides your endpoints, this machine and private networks: "
           "a name, `*.example.com`, an address or a network. Repeatable."),
    option("--annotate", is_flag=True, help="Say in X-Mockatell-* headers which attempt it is."),
)  # fmt: skip

keeping = all_of(
    option("--store", metavar="FILE",
           help="Keep everything in this file, and go on with it after a restart."),
    option("--keep-messages", type=click.IntRange(1), default=10_000, show_default=True,
           help="Settled messages that are kept."),
    option("--keep-deliveries", type=click.IntRange(1), default=20_000, show_default=True,
           help="Deliveries that are over and kept."),
    option("--most-pending", type=click.IntRange(1), default=100_000, show_default=True,
           help="Callbacks that may be pending; beyond them, messages are refused (error 43)."),
    option("--keep-age", type=DURATION, help="How long what is over is kept."),
)  # fmt: skip

playing = all_of(
    option("--scenarios", metavar="DIR", help="Your own scenarios."),
    option("--autorun", metavar="NAME", help="Start this scenario once your endpoint is there."),
    option("--wait-for-endpoint", type=DURATION, default="60s", show_default=True,
           help="How long to wait for that."),
)  # fmt: skip

telling = all_of(
    option("--log-format", type=click.Choice(logs.FORMATS), default="text", show_default=True,
           help="Lines for people, or JSON for programs."),
    option("--log-level", type=click.Choice(logs.LEVELS), default="info", show_default=True,
           help="What is worth a line."),
    option("--grace", type=DURATION, default="10s", show_default=True,
           help="What is under way is given so long when the sidecar is told to end."),
)  # fmt: skip


@click.command("serve", short_help="Stand in for Clickatell, next to your app.")
@where
@targets
@seed
@retry
@world
@playing
@keeping
@telling
def command(**given: Any) -> None:
    """Stand in for Clickatell: take what your app sends, and call it back.

    Point your app's base URL here instead of at https://platform.clickatell.com.

    \b
    mockatell serve --target http://localhost:8000/clickatell
    """
    _require_extra()
    logs.configure(given["log_format"], given["log_level"])
    from mockatell.server.access import Access
    from mockatell.server.life import Life, live
    from mockatell.shell.listening import on_loopback, url_of

    listener = _listener(given["host"], given["port"], given["token"], given["insecure_open"])
    with listener:
        url = url_of(listener)
        settings = _settings(given, url, guessed=not on_loopback(listener))
        live(
            Life(
                listener=listener,
                url=url,
                access=Access(given["token"], loopback=on_loopback(listener)),
                settings=settings,
                store=given["store"],
                speed=given["speed"],
                autorun=given["autorun"],
                patience=given["wait_for_endpoint"],
                grace=given["grace"],
            )
        )


def _settings(given: dict[str, Any], url: str, *, guessed: bool) -> SidecarSettings:
    """The sidecar's settings, of the flags; `guessed`: the app may not get here by that URL."""
    from mockatell.cli.standin import standin_settings
    from mockatell.rooms.sidecar import SidecarSettings

    return SidecarSettings(
        standin=standin_settings(
            given["standin"],
            api_keys=given["api_keys"],
            pace=given["pace"],
            sandbox=given["sandbox"],
        ),
        scenario=_scenario(given),
        status_url=given["status_url"] or given["target"],
        reply_url=given["reply_url"] or given["target"],
        retry=given["retry"],
        seed=given["seed"],
        keep_messages=given["keep_messages"],
        keep_deliveries=given["keep_deliveries"],
        most_pending=given["most_pending"],
        keep_age=inf if given["keep_age"] is None else given["keep_age"],
        allow_hosts=given["allow_hosts"],
        annotate=given["annotate"],
        public_url=given["public_url"] or url,
        guessed_url=guessed and not given["public_url"],
        scenarios=given["scenarios"],
        environment=dict(os.environ),
    )


def _scenario(given: dict[str, Any]) -> Scenario:
    """What `--config` says; it needs no messages, as none of them would be played."""
    from mockatell.core.scenario.endpoints import resolve_endpoints
    from mockatell.core.scenario.load import load
    from mockatell.core.scenario.spec import Scenario

    scenario = Scenario(retry=_RETRY)
    if given["config"]:
        unless_said = ("messages=[{lifecycle: sent}]", f"retry={_RETRY}")
        scenario = load(given["config"], env=os.environ, unless_said=unless_said)
    # Says which flag is wrong, before both roles are given the one URL.
    urls = {name: given[name] for name in ("target", "status_url", "reply_url")}
    resolve_endpoints(scenario, **urls)
    return scenario


def _require_extra() -> None:
    if any(find_spec(name) is None for name in _NEEDED):
        raise ConfigurationError("serving needs an extra: pip install 'mockatell[serve]'")


def _listener(host: str, port: int, token: str | None, insecure_open: bool) -> socket.socket:
    from mockatell.shell.listening import bind, on_loopback

    if token is not None and not token.strip():
        raise ConfigurationError("--token is empty: is the variable that should be there set?")
    listener = bind(host, port)
    if not (token or insecure_open or on_loopback(listener)):
        listener.close()
        raise ConfigurationError(
            f"--host {host} is open to other machines: give --token TOKEN (MOCKATELL_TOKEN) for "
            "the control API and the page, or --insecure-open (MOCKATELL_INSECURE_OPEN=true) if "
            "whoever gets there may do anything"
        )
    return listener
