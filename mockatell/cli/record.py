"""`mockatell record`: stand between Clickatell and an app, and make a scenario of what comes."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.text import Text

from mockatell.cli.options import DURATION, Port, option
from mockatell.cli.output import console
from mockatell.core.render.sentences import count
from mockatell.core.scenario.units import format_seconds
from mockatell.core.scenario.urls import masked
from mockatell.errors import InputError
from mockatell.rng import MAX_SEED
from mockatell.rooms.record import Passed, Proxy, RecordWishes
from mockatell.shell.clock import RealClock, monotonic
from mockatell.shell.drivers.asynchronous import Stop
from mockatell.shell.filing import WholeFile
from mockatell.shell.listening import bind, on_loopback, url_of

if TYPE_CHECKING:
    import socket

    from rich.console import Console

    from mockatell.core.recording.recorder import Recording

_SUCCESS: Final = range(200, 300)
_MOST_TOLD: Final = 5


@click.command("record", short_help="Make a scenario of the callbacks that you get.")
@option("--out", "-o", metavar="FILE", required=True, help="Write the scenario to FILE.")
@option("--forward", metavar="URL",
        help="Pass all on to URL, and answer as it does; else it is acknowledged.")  # fmt: skip
@option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@option("--port", type=Port(0, 65535), default="9000", show_default=True,
        help="The port to listen on; 0 is any that is free.")  # fmt: skip
@option("--answer", type=click.IntRange(200, 599), default=200, show_default=True,
        help="The status to answer with where nothing is passed on.")  # fmt: skip
@option("--for", "seconds", type=DURATION, help="End after so long.")
@option("--count", type=click.IntRange(1), help="End after so many callbacks.")
@option("--timeout", type=DURATION, default="30s", show_default=True,
        help="What your app is given to answer what is passed on.")  # fmt: skip
@option("--insecure", is_flag=True, help="Take any certificate of URL's.")
@option("--keep", multiple=True, metavar="TEXT",
        help="Leave this text, postback or title as it is, such as STOP. Repeatable.")  # fmt: skip
@option("--keep-ids", is_flag=True,
        help="Write the ids that came; else every run makes up new ones.")  # fmt: skip
@option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    help="The same stands for the same in all recordings with this seed. Tell nobody: who has "
    "it can find out numbers by trying.",
)
@option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@option("--quiet", "-q", is_flag=True, help="No line for every callback.")
def command(
    out: str,
    forward: str | None,
    host: str,
    port: int,
    answer: int,
    seconds: float | None,
    count: int | None,
    timeout: float,
    keep: tuple[str, ...],
    seed: int | None,
    *,
    insecure: bool,
    keep_ids: bool,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Take real callbacks, and write a scenario that plays their like.

    Point Clickatell's callback URLs here. Numbers, names, texts, media and places are replaced
    before anything is written, the same by the same; see docs/record.md. Ctrl-C ends it.

    \b
    mockatell record --out mine.yaml --forward http://localhost:8000
    """
    wishes = RecordWishes(
        forward=forward,
        answer=answer,
        timeout=timeout,
        insecure=insecure,
        count=count,
        seconds=seconds,
        seed=seed,
        keep=keep,
        ids=keep_ids,
        name=_name(out),
    )
    file = WholeFile(out, overwrite=overwrite)
    recording = asyncio.run(_interruptible(wishes, file, host, port, quiet=quiet))
    if not any(each.events for each in recording.taken):
        raise InputError(_nothing(recording))
    _summary(recording, out)


def _name(out: str) -> str:
    """What the scenario is called: as the file, as far as a name may be so."""
    stem = Path(out).stem
    return stem[:200] if stem.isprintable() else "recorded"


async def _interruptible(
    wishes: RecordWishes, file: WholeFile, host: str, port: int, *, quiet: bool
) -> Recording:
    """The first Ctrl-C or SIGTERM ends it, a second one at once."""
    stop = Stop()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    teller = _Teller(console(stderr=True), quiet=quiet)
    proxy = Proxy(wishes, file, RealClock(), monotonic, tell=teller.passed, warn=teller.warning)
    listener = bind(host, port)
    teller.listening(listener, wishes)
    return await proxy.record(listener, stop)


class _Teller:
    """Says on the terminal what comes; nothing of what anybody wrote."""

    def __init__(self, out: Console, *, quiet: bool) -> None:
        self._out = out
        self._quiet = quiet

    def listening(self, listener: socket.socket, wishes: RecordWishes) -> None:
        """Where, and what happens to what comes."""
        then = (
            f"answering {wishes.answer}"
            if wishes.forward is None
            else f"passing everything on to {masked(wishes.forward)}"
        )
        self._say(f"listening on {url_of(listener)}, {then}; Ctrl-C ends it")
        if not on_loopback(listener):
            self.warning("open to other machines: whoever gets here is recorded and passed on")

    def warning(self, words: str) -> None:
        """What is amiss."""
        self._say(f"mockatell: {words}", style="yellow")

    def passed(self, passed: Passed) -> None:
        """A line for a request."""
        if self._quiet:
            return
        more = len(passed.told) - _MOST_TOLD
        told = ", ".join(passed.told[:_MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
        manner = f" ({passed.manner})" if passed.manner not in ("", "new") else ""
        why = f": {passed.trouble}" if passed.trouble else ""
        well = passed.status in _SUCCESS
        ending = f"{passed.status} in {format_seconds(passed.took)}{why}"
        self._say(f"{told}{manner}  {ending}", style="" if well else "red")

    def _say(self, line: str, style: str = "") -> None:
        self._out.print(Text(line, style=style), soft_wrap=True)


def _nothing(recording: Recording) -> str:
    came = count(recording.bodies, "request")
    if not recording.bodies:
        return (
            "nothing came, so nothing was written: is the callback URL set to where this listens?"
        )
    odd = next(iter(recording.odd), "nothing")
    return f"{came} came, but no callback that can be played ({odd}), so nothing was written"


def _summary(recording: Recording, out: str) -> None:
    new = sum(bool(each.events) for each in recording.taken)
    again = recording.bodies - len(recording.taken) - recording.left_out
    parts = [count(new, "callback"), *([f"{again:,} came again"] if again else [])]
    parts += [f"{recording.left_out:,} left out: the file is full"] if recording.left_out else []
    click.echo(f"{out}: {', '.join(parts)}; play it: mockatell run {out} --target URL", err=True)
