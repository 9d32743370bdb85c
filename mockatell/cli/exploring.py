"""An exploration as it goes: a live line on a terminal, a plain one now and then off it."""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from mockatell.cli.live import kept
from mockatell.core.differences import differences
from mockatell.core.render.finding import headline, how_often, refused, sent
from mockatell.core.render.sentences import count, printable
from mockatell.core.scenario.units import format_seconds
from mockatell.core.scenario.urls import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rich.console import Console

    from mockatell.cli.explore import Folder
    from mockatell.core.discoveries import Discovery
    from mockatell.rooms.explore.explore import Expedition
    from mockatell.rooms.explore.explored import Explored

EVERY = 5.0  # seconds between two plain lines
MOST_DIFFERENCES = 10


class Progress:
    """Says how an exploration stands, and shows what it finds as it finds it.

    Args:
        console: Where to say it.
        timer: Real seconds, from no particular start.
        expedition: What is under way.
        budget: Seconds that it may take.
        folder: Where findings are written to.
    """

    def __init__(
        self,
        console: Console,
        timer: Callable[[], float],
        expedition: Expedition,
        budget: float,
        folder: Folder,
    ) -> None:
        self._console = console
        self._timer = timer
        self._begun = self._said_at = timer()
        self._expedition = expedition
        self._budget = budget
        self._folder = folder
        self._shown = 0
        self._kept: list[str] = []
        self._latest: Explored | None = None
        urls = sorted({masked(endpoint.url) for endpoint in expedition.endpoints.values()})
        told = count(len(expedition.conversations), "conversation")
        self._print(f"{told}, seed {expedition.seed}, to {', '.join(urls)}")

    def update(self, explored: Explored) -> None:
        """Take how it stands."""
        self._latest = explored
        for found in explored.discoveries[self._shown :]:
            self._shown += 1
            number = self._folder.taken + self._shown
            written = self._expedition.written(number, found)
            path = self._folder.write(number, written)
            self._kept.append(f"kept: {path}")
            again = self._expedition.again(found, str(path))
            lines = (Text.assemble(*line) for line in _lines(number, written, path, again))
            self._console.print(*lines, sep="\n", soft_wrap=True)
        if not self._console.is_terminal and self._timer() - self._said_at >= EVERY:
            self._said_at = self._timer()
            pairs = f"; {explored.tried_pairs}" if explored.tried else ""
            self._print(f"{self._pace(explored)}{pairs}")

    def close(self, explored: Explored) -> None:
        """Show what came last, and sum up."""
        self.update(explored)
        for line in ("", *explored.summary):
            self._print(line)

    def lost(self) -> None:
        """The endpoint is gone: say what there is until then."""
        for line in ("", *self._latest.summary, *self._kept) if self._latest else ():
            self._print(line)

    def shown(self) -> AbstractContextManager[None]:
        """Keep a live picture on the terminal meanwhile; off a terminal, do nothing."""
        return kept(self._console, self._line, self._tried)

    def _line(self) -> Text:
        return Text(self._pace(self._latest), overflow="ellipsis", no_wrap=True)

    def _tried(self) -> Padding:
        latest = self._latest
        tried = latest.tried_pairs if latest and latest.tried else ""
        return Padding(Text(tried, "dim"), (0, 0, 0, 2))

    def _pace(self, latest: Explored | None) -> str:
        gone = min(self._timer() - self._begun, self._budget)
        time = f"{gone:.0f}s of {format_seconds(self._budget)}"
        if latest is None:
            return f"{time}: seeing how it ends in order and once each"
        found = count(len(latest.discoveries), "finding")
        return f"{time}: {count(latest.tried, 'schedule')} tried, {found}"

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)


Part = str | tuple[str, str]


def _lines(number: int, found: Discovery, path: Path, again: str) -> Iterator[tuple[Part, ...]]:
    """A discovery, from what is sent to the scenario that does it again."""
    yield ("",)
    yield (f"finding {number}: ", "bold red"), (headline(found), "bold")
    yield from ((f"  {line}",) for line in sent(found))
    yield from _diff(found)
    yield ((f"  {how_often(found)}", "yellow" if found.is_flaky else ""),)
    yield ("",)
    yield (f"  {path}",)
    body = dropwhile(lambda line: line.startswith("#"), found.finding.scenario.splitlines())
    yield from (((f"    {line}", "cyan"),) for line in body)
    yield ("",)
    yield (f"  again: {again}",)


def _diff(found: Discovery) -> Iterator[tuple[Part, ...]]:
    finding = found.finding
    places = [] if found.in_order else list(differences(finding.expected.state, finding.got.state))
    for place in places[:MOST_DIFFERENCES]:
        yield (printable(f"  {place.path}"),)
        yield (printable(f"  - {place.expected}"), "green"), "  in order and once each"
        yield (printable(f"  + {place.got}"), "red"), "  this way"
    if len(places) > MOST_DIFFERENCES:
        yield (f"  and {len(places) - MOST_DIFFERENCES} places more",)
    yield from (((printable(f"  {line}"), "red"),) for line in refused(found))
