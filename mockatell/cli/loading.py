"""A load as it is played from the command line: the guard, signals and the live view."""

from __future__ import annotations

import asyncio
import signal
from itertools import count
from typing import TYPE_CHECKING

from rich.live import Live

from mockatell.cli.output import console
from mockatell.core.load.guard import require_little, require_permission, told
from mockatell.core.render.load.live import line, panel
from mockatell.core.scenario.urls import masked
from mockatell.errors import UnreachableError
from mockatell.shell.addresses import addresses
from mockatell.shell.clock import RealClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rich.console import Console

    from mockatell.cli.load_metrics import Gauges
    from mockatell.core.load.result import LoadResult, Snapshot
    from mockatell.rooms.load.load import Load


LINE_EVERY = 5  # seconds between two plain lines


def guard(load: Load, *others: str, own: bool) -> None:
    """Resolve where a load goes, show it, and see that it may go there.

    Args:
        load: The load.
        others: URLs that are asked what it did.
        own: Whether it may go anywhere, and be of any size.

    Raises:
        ConfigurationError: It may not.
        UnreachableError: A host has no address.
    """
    urls = (*(endpoint.url for endpoint in load.endpoints.values()), *others)
    targets = {masked(url): addresses(url) for url in urls}
    for url, places in targets.items():
        if not places:
            raise UnreachableError(told(url, places))
        console(stderr=True).print(told(url, places), markup=False)
    if own:
        return
    require_permission(targets, load.offer)
    if load.offer.mode == "scenario":
        require_little(load.scenario, load.offer.duration)


def play(load: Load, gauges: Gauges, *, quiet: bool) -> LoadResult:
    """Play a load; the first Ctrl-C or SIGTERM begins nothing more, a second one waits no more.

    Args:
        load: The load.
        gauges: Told every second how it stands.
        quiet: Whether nothing is to be said of it meanwhile.
    """
    from mockatell.rooms.load.load import new_loop
    from mockatell.shell.drivers.asynchronous import Stop

    async def interruptible() -> LoadResult:
        stop = Stop()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        watching = asyncio.ensure_future(
            _watch(load, gauges, None if quiet else console(stderr=True))
        )
        try:
            return await load.play(stop)
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(interruptible())


async def _watch(load: Load, gauges: Gauges, where: Console | None) -> None:
    """Say how a load stands: live on a terminal, in a line now and then off it."""
    if where is not None and where.is_terminal:
        with Live(console=where, auto_refresh=False, transient=True) as live:
            async for _, snapshot in _snapshots(load, gauges, 1):
                live.update(panel(snapshot, load.offer.duration), refresh=True)
    elif where is not None or gauges.served:
        async for second, snapshot in _snapshots(load, gauges, 1 if gauges.served else LINE_EVERY):
            if where is not None and second % LINE_EVERY == 0:
                where.print(line(snapshot), markup=False, soft_wrap=True)


async def _snapshots(load: Load, gauges: Gauges, every: int) -> AsyncIterator[tuple[int, Snapshot]]:
    """How it stands, now and then: a look takes some milliseconds from the load."""
    clock, never = RealClock(), asyncio.Event()
    for second in count(every, every):
        await clock.wait_for(never, second)
        gauges.snapshot = load.now()
        yield second, gauges.snapshot
