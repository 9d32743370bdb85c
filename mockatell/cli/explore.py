"""`mockatell explore`: search for the delivery schedule that breaks the endpoint."""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import click
from msgspec.structs import replace

from mockatell.cli.exploring import Progress
from mockatell.cli.options import (
    DURATION,
    loaded,
    option,
    overrides,
    scenario_argument,
    seed,
    targets,
)
from mockatell.cli.output import console
from mockatell.clickatell.standin import StandinSettings
from mockatell.core.scenario.load import parse_keys
from mockatell.errors import ConfigurationError, OutputError, UnreachableError
from mockatell.rooms.explore.explore import Aim, Expedition
from mockatell.rooms.explore.exploring import Limits
from mockatell.rooms.explore.theatre import LANES
from mockatell.rooms.fixture.send_side import SendSide
from mockatell.shell.clock import RealClock, monotonic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.clickatell.standin import SentMessage
    from mockatell.core.discoveries import Discovery
    from mockatell.core.scenario.spec import Scenario


@click.command("explore", short_help="Search for the delivery schedule that breaks your endpoint.")
@scenario_argument
@targets
@seed
@overrides
@option("--budget", type=DURATION, default="30s", show_default=True, help="How long to search.")
@option("--most", type=click.IntRange(1), help="Schedules to try at most.")
@option("--out", type=click.Path(file_okay=False), default="findings", show_default=True,
        help="Folder for finding-N.yaml and its test; what is there already is kept.")  # fmt: skip
@option("--probe", "probes", multiple=True, metavar="URL",
        help="Look at your state: GET this for every message (`{messageId}`, `{replyId}`, "
        "`{from}`... are filled in), beside the scenario's own probes. Repeatable.")  # fmt: skip
@option("--ignore", multiple=True, metavar="PATH",
        help="Leave this out of the state: `updated_at`, `items[*].id`. Repeatable.")  # fmt: skip
@option("--stand-in", metavar="HOST:PORT",
        help="Serve the platform's /v1/message here, for your app to send to: what it sends is "
        "compared as well.")  # fmt: skip
@option("--lanes", type=click.IntRange(1, 64), default=LANES, show_default=True,
        help="Schedules that are played side by side.")  # fmt: skip
def command(
    scenario: str,
    target: str | None,
    status_url: str | None,
    reply_url: str | None,
    seed: int | None,
    overrides: tuple[str, ...],
    budget: float,
    most: int | None,
    out: str,
    probes: tuple[str, ...],
    ignore: tuple[str, ...],
    stand_in: str | None,
    lanes: int,
) -> None:
    """Deliver what happens in SCENARIO in every way that Clickatell may, and compare.

    Each message is had in order and once each, under fresh ids again and again in other orders,
    with duplicates, retries and races. Where your endpoint then ends in another state, you get the
    smallest schedule that shows it.

    \b
    mockatell explore conversation --target http://localhost:8000/clickatell \\
        --probe 'http://localhost:8000/messages/{messageId}'

    Exit codes: 0 nothing found, 1 something found, 2 nothing to compare with, 3 endpoint
    unreachable, 130 interrupted (what was found is kept).
    """
    if not budget:
        raise ConfigurationError("--budget 0s leaves no time to search: give it more")
    folder = Folder(out)
    with ExitStack() as stack:
        aim = Aim(
            looking(loaded(scenario, overrides), probes),
            target=target,
            status_url=status_url,
            reply_url=reply_url,
            seed=seed,
            sent=None if stand_in is None else served(stand_in, seed or 0, stack),
            stand_in=stand_in or "",
            ignore=ignore,
            lanes=lanes,
        )
        expedition = stack.enter_context(Expedition(aim))
        progress = Progress(console(stderr=True), monotonic, expedition, budget, folder)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        limits = Limits(budget, most or float("inf"))
        try:
            with progress.shown():
                explored = expedition.explore(limits, progress.update)
        except UnreachableError:
            progress.lost()
            raise
        progress.close(explored)
        sys.exit(explored.exit_code)


def looking(scenario: Scenario, probes: Sequence[str]) -> Scenario:
    """The scenario, with more probes.

    Raises:
        ScenarioError: A probe's URL cannot be used.
    """
    clauses = [{"probe": {"get": probe}} for probe in probes]
    more = parse_keys({"expect": clauses}, name="--probe").expect if clauses else ()
    return replace(scenario, expect=(*scenario.expect, *more))


def served(address: str, seed: int, stack: ExitStack) -> Sequence[SentMessage]:
    """The messages that a stand-in gets, which is served until the end."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigurationError(f"--stand-in {address}: write HOST:PORT, as in 127.0.0.1:8900")
    clock = RealClock()
    side = SendSide(seed, lambda: clock, StandinSettings(window="off"))
    stack.callback(side.close)
    side.listen(host.strip("[]"), int(port))
    return side.sent


_NUMBERED = re.compile(r"(?:test_)?finding[-_](\d+)(?:_\w+)?\.(?:yaml|py)")


class Folder:
    """Where findings are written to, as they are made, beside those that are there already.

    Args:
        path: Made when the first one comes.

    Raises:
        ConfigurationError: It cannot be written to.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        there = next(each for each in (self._path, *self._path.absolute().parents) if each.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise ConfigurationError(f"--out {path}: {there} is no folder that can be written to")
        names = (_NUMBERED.fullmatch(each.name) for each in self._path.glob("*finding*"))
        self.taken = max((int(name[1]) for name in names if name), default=0)
        """The highest number of a finding that is there already."""

    def write(self, number: int, found: Discovery) -> Path:
        """Write a finding's scenario and test; gives the path of the scenario."""
        scenario = self._path / f"finding-{number}.yaml"
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            scenario.write_text(found.finding.scenario, encoding="utf-8")
            own = crc32(found.finding.scenario.encode())  # pytest knows files by their names
            test = self._path / f"test_finding_{number}_{own:08x}.py"
            test.write_text(found.finding.test, encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot write findings to {self._path}: {error.strerror}") from None
        return scenario
