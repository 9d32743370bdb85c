"""`mockatell run`: play a scenario against an endpoint and say whether it survived."""

from __future__ import annotations

import asyncio
import shlex
import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from mockatell.cli.options import (
    DURATION,
    SPEED,
    loaded,
    option,
    overrides,
    retry,
    scenario_argument,
    seed,
    targets,
)
from mockatell.cli.output import console, format_of, write_report
from mockatell.cli.progress import Progress
from mockatell.core.lives import roles_of
from mockatell.core.oracle import DEFAULT_EXPECT
from mockatell.core.render.text import show
from mockatell.core.report import report
from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.core.scenario.load import parse_keys
from mockatell.core.scenario.overrides import shown_override
from mockatell.core.scenario.urls import masked
from mockatell.errors import OutputError
from mockatell.rooms.run import Run, Settings, play_to_urls
from mockatell.shell.clock import RealClock, monotonic
from mockatell.shell.drivers.asynchronous import Stop
from mockatell.shell.journalfile import JournalWriter
from mockatell.shell.reachable import wait_until_reachable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.core.journal import Journal
    from mockatell.core.report import Report
    from mockatell.core.scenario.spec import Scenario
    from mockatell.rooms.run import Listener


@click.command("run", short_help="Play a scenario against your endpoint.")
@scenario_argument
@targets
@seed
@retry
@overrides
@option("--speed", type=SPEED, default=1.0, show_default=True,
        help="Divide waits by this; timestamps inside events stay true.")  # fmt: skip
@option("--journal", metavar="FILE", help="Write the attempts as JSON lines; `-` is stdout.")
@option("--bodies", is_flag=True, help="Put the callbacks' bodies in the journal.")
@option("--report", "reports", multiple=True, metavar="FILE",
        help="Write a report: .html, .json, .xml (JUnit), .har or .txt. Repeatable.")  # fmt: skip
@option("--probe", metavar="URL",
        help="Look at your state as well: GET this for every message (`{messageId}` is filled in) "
        "and expect a JSON object with the `status` that it should end in.")  # fmt: skip
@option("--wait", "patience", type=DURATION,
        help="Wait so long for your endpoint to accept connections; else exit 3.")  # fmt: skip
@option("--annotate", is_flag=True, help="Say in X-Mockatell-* headers which attempt it is.")
@option("--grace", type=DURATION, default="5s", show_default=True,
        help="What exchanges in flight are given when the run is interrupted.")  # fmt: skip
@option("--quiet", "-q", is_flag=True, help="No progress and no report on the terminal.")
def command(
    scenario: str,
    target: str | None,
    status_url: str | None,
    reply_url: str | None,
    seed: int | None,
    retry: str | None,
    overrides: tuple[str, ...],
    speed: float,
    journal: str | None,
    reports: tuple[str, ...],
    probe: str | None,
    patience: float | None,
    grace: float,
    *,
    bodies: bool,
    annotate: bool,
    quiet: bool,
) -> None:
    """Play SCENARIO (a file, or a shipped one's name) against your endpoint.

    \b
    mockatell run receipts --target http://localhost:8000/clickatell
    """
    formats = {path: format_of(path) for path in reports}
    settings = Settings(
        target=target,
        status_url=status_url,
        reply_url=reply_url,
        seed=seed,
        retry=retry,
        bodies=bodies,
        annotate=annotate,
        replay=_replay(scenario, target, status_url, reply_url, probe, retry, overrides, speed),
        grace=grace,
    )
    read = looking(loaded(scenario, overrides), probe)
    if patience is not None:
        await_endpoints(read, settings, patience)
    played = play(read, settings, speed=speed, journal=journal, quiet=quiet)
    told = report(played)
    if not quiet:
        show(told, console(stderr=True))
    unwritten = [failure for each in formats.items() if (failure := _unwritten(each, told, played))]
    if unwritten:
        raise OutputError("; ".join(unwritten))
    sys.exit(told.exit_code)


def await_endpoints(scenario: Scenario, settings: Settings, patience: float) -> None:
    """Return once the endpoints that the scenario needs accept connections.

    Raises:
        ConfigurationError: One has no URL, or one that is wrong.
        UnreachableError: One did not in time.
    """
    endpoints = resolve_endpoints(
        scenario,
        target=settings.target,
        status_url=settings.status_url,
        reply_url=settings.reply_url,
        needed=sorted(roles_of(scenario), reverse=True),
    )
    # The first process of a container is deaf to SIGTERM where it does not listen for it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asyncio.run(wait_until_reachable([each.url for each in endpoints.values()], patience))


def looking(scenario: Scenario, probe: str | None) -> Scenario:
    """The scenario, with one probe more.

    Raises:
        ScenarioError: The probe's URL cannot be used.
    """
    if probe is None:
        return scenario
    clause = {"probe": {"get": probe, "json": {"status": "{status}"}}}
    checked = parse_keys({"expect": [clause]}, name="--probe")
    return replace(scenario, expect=(*(scenario.expect or DEFAULT_EXPECT), *checked.expect))


def _unwritten(file: tuple[str, str], told: Report, played: Journal) -> str | None:
    """Write one report; what went wrong, so that the others are written all the same."""
    path, format_ = file
    try:
        write_report(path, told, played, format_)
    except OutputError as error:
        return str(error)
    return None


def _replay(
    scenario: str,
    target: str | None,
    status_url: str | None,
    reply_url: str | None,
    probe: str | None,
    retry: str | None,
    overrides: tuple[str, ...],
    speed: float,
) -> str:
    """The command that does it again, secrets masked, `{seed}` where the seed goes."""
    urls = {
        "--target": target,
        "--status-url": status_url,
        "--reply-url": reply_url,
        "--probe": probe,
    }
    options = [(flag, masked(url)) for flag, url in urls.items() if url]
    options += [("--retry", retry)] if retry else []
    options += [("--speed", f"{speed:g}")] if speed != 1 else []
    options += [("--set", shown_override(each)) for each in overrides]
    words = ["mockatell", "run", scenario, *(word for pair in options for word in pair)]
    return f"{shlex.join(words)} --seed {{seed}}".replace("'***'", "***")


def play(
    scenario: Scenario,
    settings: Settings,
    *,
    speed: float = 1.0,
    journal: str | None = None,
    quiet: bool = False,
) -> Journal:
    """Play a scenario over the network, with progress, journal and signals."""
    with ExitStack() as stack:
        listeners = []
        if journal is not None:
            listeners.append(stack.enter_context(JournalWriter(journal)).add)
        if not quiet:
            progress = Progress(console(stderr=True), monotonic)
            stack.enter_context(progress.shown())
            listeners.append(progress.add)
        return asyncio.run(_interruptible(scenario, settings, RealClock(speed), listeners))


async def _interruptible(
    scenario: Scenario, settings: Settings, clock: RealClock, listeners: Sequence[Listener]
) -> Journal:
    """The first Ctrl-C or SIGTERM stops new attempts, a second one all of them."""
    stop = Stop()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    return await play_to_urls(Run(scenario, settings, clock, listeners), stop)
