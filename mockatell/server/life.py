"""A sidecar's life as a process: opened, served, drained when it is told to end, and closed."""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.core.render.sentences import count
from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.core.scenario.near import suggestion
from mockatell.core.scenario.urls import masked
from mockatell.core.sidecar.hosts import gives_credentials, leaves
from mockatell.core.sidecar.views import RunRequest
from mockatell.errors import ConfigurationError, MockatellError, UnreachableError
from mockatell.rooms.sidecar import Sidecar, SidecarSettings
from mockatell.server.app import App
from mockatell.server.ending import cancelled
from mockatell.server.failing import Failing
from mockatell.server.gate import PREFIX
from mockatell.server.serving import Server
from mockatell.shell.clock import AdjustableClock
from mockatell.shell.reachable import wait_until_reachable
from mockatell.shell.senders.location import locate
from mockatell.shell.store import MemoryStore, SqliteStore

if TYPE_CHECKING:
    import socket

    from mockatell.model import Endpoint
    from mockatell.server.access import Access
    from mockatell.shell.store import Store

LOG: Final = logging.getLogger("mockatell")
_FILES: Final = 65_536
_COLLECTIONS: Final = 100
"""Collections of the middle generation until there is one of everything; Python's own number is 10,
and each is a pause of 50 ms by the time that 20,000 deliveries are held."""
_EVER: Final = 366 * 86_400.0


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """What a process is to be.

    Args:
        listener: Where it listens already.
        url: How this machine gets there.
        access: Who is let in to what is ours.
        settings: The sidecar's.
        store: The file that it is kept in, or None: in memory.
        speed: By how much waits are divided.
        autorun: The scenario that is started once the endpoints are there, or None.
        patience: Seconds that they are waited for.
        grace: Seconds that what is under way is given at the end.
    """

    listener: socket.socket
    url: str
    access: Access
    settings: SidecarSettings
    store: str | None
    speed: float
    autorun: str | None
    patience: float
    grace: float


def live(life: Life) -> None:
    """Live it; return when it was told to end, by SIGTERM or Ctrl-C, and has.

    Raises:
        MockatellError: It cannot begin: its store, its scenarios or its endpoints are wrong; or it
            cannot go on, as its store fails, or something of ours.
    """
    # The first process of a container is deaf to SIGTERM where it does not listen for it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _allow_many_connections()
    asyncio.run(_live(life))


async def _live(life: Life) -> None:
    settings = life.settings
    endpoints = resolve_endpoints(
        settings.scenario, status_url=settings.status_url, reply_url=settings.reply_url
    )
    store: Store = MemoryStore() if life.store is None else SqliteStore(life.store)
    failing = Failing(asyncio.get_running_loop().call_later)
    clock = AdjustableClock(life.speed)
    sidecar = await Sidecar.open(settings, store=store, clock=clock, heard=failing.heard)
    try:
        await _serve(life, sidecar, endpoints)
    finally:
        failing.tell_all()
        await sidecar.aclose()


async def _serve(life: Life, sidecar: Sidecar, endpoints: dict[Any, Endpoint]) -> None:
    if life.autorun is not None:
        _require_scenario(life.autorun, sidecar)
    await sidecar.start()
    server = Server(App(sidecar, life.access), life.grace)
    _greet(life, sidecar, endpoints)
    _collect_seldom()
    attending = asyncio.ensure_future(_attend(life, sidecar, endpoints))
    watching = asyncio.ensure_future(_watch(sidecar, server))
    try:
        await server.serve([life.listener])
    finally:
        await cancelled(attending, watching)
    LOG.info("ending: what is under way is given %g s", life.grace)
    await sidecar.drain(life.grace)
    _take_leave(life, sidecar)


async def _watch(sidecar: Sidecar, server: Server) -> None:
    """End what nothing comes of any more: whoever runs it may start another one."""
    await sidecar.broken()
    server.stop()


def _require_scenario(name: str, sidecar: Sidecar) -> None:
    names = [each.name for each in sidecar.scenarios()]
    if name not in names:
        raise ConfigurationError(
            f"--autorun: there is no scenario {name!r} ({suggestion(name, names)})"
        )


def _greet(life: Life, sidecar: Sidecar, endpoints: dict[Any, Endpoint]) -> None:
    """Say what a newcomer needs to know next."""
    urls = {str(role): masked(each.url) for role, each in endpoints.items()}
    held = sidecar.overview()
    seed = held.seed
    told = {
        "Your app's base URL": f"{life.url}  (instead of https://platform.clickatell.com)",
        "Callbacks go to": ", ".join(sorted(set(urls.values()))) or "nowhere (give --target URL)",
        "The page": f"{life.url}/",
        "The control API": f"{life.url}{PREFIX}  (described at {PREFIX}/openapi.json)",
        "Retries": _retries(life.settings),
        "Links in callbacks": _links(life.settings),
        "Kept": "in memory" if life.store is None else f"in {life.store}: {_held(sidecar)}",
        "Seed": str(seed),
    }
    extra = {"url": life.url, "endpoints": urls, "seed": seed, "store": life.store}
    extra |= {"messages": held.messages, "pending": held.pending}
    for url in sorted({each.url for each in endpoints.values()}):
        _warn(masked(url), locate(url).host)
    for role, left in sidecar.stranded().items():
        LOG.warning(
            "%d pending deliveries are kept and not sent, as there is no %s endpoint: start with"
            " --%s-url to have them sent, or reset",
            left, role, role,
        )  # fmt: skip
    LOG.info("ready: Clickatell is played at %s", life.url, extra=extra | {"told": told})


def _warn(url: str, host: str) -> None:
    """Say what may not be meant of where callbacks go."""
    if gives_credentials(host):
        LOG.warning("%s is where clouds hand out their machines' credentials: is it meant?", url)
    elif leaves(host):
        LOG.warning("callbacks to %s leave this machine and its private networks", url)


def _take_leave(life: Life, sidecar: Sidecar) -> None:
    """Say what becomes of what is held."""
    held = sidecar.overview()
    kept = {"messages": held.messages, "pending": held.pending, "store": life.store}
    if life.store is not None:
        LOG.info("ended: kept in %s: %s", life.store, _held(sidecar), extra=kept)
    elif held.pending:
        LOG.warning("ended: %s, and lost: --store FILE would keep them", _held(sidecar), extra=kept)
    else:
        LOG.info("ended: nothing was pending", extra=kept)


def _held(sidecar: Sidecar) -> str:
    held = sidecar.overview()
    pending = count(held.pending, "pending delivery", "pending deliveries")
    return f"{count(held.messages, 'message')}, {pending}"


def _retries(settings: SidecarSettings) -> str:
    """What may surprise whoever knows the platform's."""
    if (settings.retry or settings.scenario.retry) == "fast":
        return "fast: five in 31 s  (as on the platform: --retry one-api)"
    return "as told"


def _links(settings: SidecarSettings) -> str:
    """What `downloadUrl` begins with."""
    if settings.guessed_url:
        return "as your app's own requests get here  (or give --public-url)"
    return settings.public_url


async def _attend(life: Life, sidecar: Sidecar, endpoints: dict[Any, Endpoint]) -> None:
    """Say when the endpoints are there, then start what is to be started, and say how it ended."""
    try:
        await wait_until_reachable([each.url for each in endpoints.values()], life.patience)
    except UnreachableError as error:
        missed = f"; {life.autorun} is not started" if life.autorun else ""
        LOG.warning("%s%s", error, missed)
        return
    if endpoints:
        LOG.info("your endpoint accepts connections")
    if life.autorun is not None:
        with suppress(MockatellError):
            await _play(life.autorun, sidecar)


async def _play(name: str, sidecar: Sidecar) -> None:
    run = await sidecar.start_run(RunRequest(scenario=name))
    LOG.info("run %s: %s, seed %d", run.id, name, run.seed, extra={"run": run.id})
    await sidecar.wait("quiet", _EVER, run=run.id)
    ended = sidecar.run(run.id)
    if ended is not None:
        LOG.info("run %s: %s", run.id, ended.verdict, extra={"run": run.id})


def _collect_seldom() -> None:
    """Search for cycles among all that is held only now and then, and not in what is there by now.

    Messages and deliveries hold no cycles: they go when nothing refers to them, without a search.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], _COLLECTIONS)


def _allow_many_connections() -> None:
    """As many as the system lets us: shells give a program few files to begin with."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
