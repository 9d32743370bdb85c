"""A load as it is played from the command line: signals, the live view, and what is written."""

from __future__ import annotations

import asyncio
import signal
from itertools import count
from typing import TYPE_CHECKING

from rich.live import Live

from mockatell.cli.output import console, write_text
from mockatell.core.render.load import LOAD_FORMATS
from mockatell.core.render.load.live import line, panel
from mockatell.errors import OutputError
from mockatell.shell.clock import RealClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from rich.console import Console

    from mockatell.core.load.report import LoadReport
    from mockatell.core.load.result import LoadResult, Snapshot
    from mockatell.rooms.load import Load


EVERY = 5.0  # seconds between two plain lines
REDRAWN = 1.0  # seconds between two live views: drawing one takes time from the load


def play(load: Load, *, quiet: bool) -> LoadResult:
    """Play a load; the first Ctrl-C or SIGTERM begins nothing more, a second one waits no more."""
    from mockatell.rooms.load import new_loop
    from mockatell.shell.drivers.asynchronous import Stop

    async def interruptible() -> LoadResult:
        stop = Stop()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        if quiet:
            return await load.play(stop)
        watching = asyncio.ensure_future(_watch(load, console(stderr=True)))
        try:
            return await load.play(stop)
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(interruptible())


async def _watch(load: Load, where: Console) -> None:
    """Say how a load stands: live on a terminal, in a line now and then off it."""
    if not where.is_terminal:
        async for snapshot in _snapshots(load, EVERY):
            where.print(line(snapshot), markup=False, soft_wrap=True)
        return
    with Live(console=where, auto_refresh=False, transient=True) as live:
        async for snapshot in _snapshots(load, REDRAWN):
            live.update(panel(snapshot, load.offer.duration), refresh=True)


async def _snapshots(load: Load, every: float) -> AsyncIterator[Snapshot]:
    clock, never = RealClock(), asyncio.Event()
    for turn in count(1):
        await clock.wait_for(never, turn * every)
        yield load.now()


def write_all(report: LoadReport, formats: Mapping[str, str]) -> None:
    """Write a report to files, each in its format; one that fails does not keep the others.

    Raises:
        OutputError: Some could not be written.
    """
    unwritten = []
    for path, format_ in formats.items():
        try:
            write_text(path, LOAD_FORMATS[format_](report))
        except OutputError as error:
            unwritten.append(str(error))
    if unwritten:
        raise OutputError("; ".join(unwritten))
