"""`mockatell load`: play a scenario at a rate you choose and say what that showed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

import mockatell
from mockatell.cli.load_files import places, tell, write_all
from mockatell.cli.load_metrics import Listen, exposed
from mockatell.cli.load_options import GRACE, SETTLE, Stages, replay
from mockatell.cli.loading import guard, play
from mockatell.cli.options import (
    DURATION,
    RATE,
    loaded,
    option,
    overrides,
    retry,
    scenario_argument,
    seed,
    targets,
)
from mockatell.cli.output import console
from mockatell.core.load.effects import Ledger, LedgerTally
from mockatell.core.load.guard import MOST_RATE
from mockatell.core.load.report import reported
from mockatell.core.load.thresholds import judged, parse
from mockatell.core.scenario.units import MAX_RATE
from mockatell.errors import ConfigurationError
from mockatell.rng import chosen_seed
from mockatell.shell.accounts import Accounts, Lookups
from mockatell.shell.clock import RealClock

if TYPE_CHECKING:
    from mockatell.cli.load_metrics import Gauges
    from mockatell.core.load.report import LoadReport
    from mockatell.core.load.result import LoadResult
    from mockatell.core.load.thresholds import Threshold
    from mockatell.core.scenario.spec import Scenario
    from mockatell.rooms.load.load import LoadSettings


def _locustfile(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(Path(mockatell.__file__).with_name("locustfile.py"))
        ctx.exit()


@click.command("load", short_help="Play a scenario at a rate you choose.")
@scenario_argument
@targets
@option("--rate", type=RATE, metavar="RATE",
        help="Callbacks a second, as in 2000/s; duplicates and retries come on top.")  # fmt: skip
@option("--stages", type=Stages(), metavar="STAGES",
        help="As in 10s:100,60s:2000,10s:0; the rate goes evenly from 0 to each.")  # fmt: skip
@option("--concurrency", type=click.IntRange(min=1),
        help="As fast as so many connections can: each sends once it has its answer.")  # fmt: skip
@option("--duration", type=DURATION,
        help="How long callbacks come, whatever the scenario holds.  [default: 30s, or the "
        "scenario's own times]")  # fmt: skip
@option("--arrivals", type=click.Choice(["constant", "poisson"]), default="constant",
        show_default=True, help="Evenly, or as independent events do.")  # fmt: skip
@option("--max-in-flight", type=click.IntRange(min=1),
        help="Most exchanges at once; what is held back is counted.  [default: 2000]")  # fmt: skip
@seed
@retry
@overrides
@option("--grace", type=DURATION, default=f"{GRACE:g}s", show_default=True,
        help="What exchanges in flight are given at the end.")  # fmt: skip
@option("--threshold", "thresholds", multiple=True, metavar="CLAUSE",
        help="As in 'p(99) < 250ms' or 'acknowledged >= 99.9%'; exit 1 where it fails. "
        "Repeatable.")  # fmt: skip
@option("--find-limit", "finding", is_flag=True,
        help="Search for the highest rate that meets the thresholds: from --rate on, each step "
        "for --duration.  [default: 100/s, 5s]")  # fmt: skip
@option("--receiver-count", "receiver", metavar="URL",
        help="Your endpoint's own account of its effects, a number or JSON: asked before and "
        "after, and compared with what was acknowledged.")  # fmt: skip
@option("--probe", metavar="URL",
        help="Ask for up to 200 of the acknowledged messages afterwards: GET this, `{messageId}` "
        "filled in; a 404 is a lost one. Their state is not looked at.")  # fmt: skip
@option("--settle", type=DURATION, default=f"{SETTLE:g}s", show_default=True,
        help="How long after the load effects may still come.")  # fmt: skip
@option("--prometheus", type=Listen(), help="Serve /metrics there meanwhile.")
@option("--report", "reports", multiple=True, metavar="FILE",
        help="Write a report: .html, .json, .csv, .xml (JUnit) or .txt. Repeatable.")  # fmt: skip
@option("--save", metavar="FILE", help="Write the result as JSON, for `mockatell report`.")
@option("--i-own-this-endpoint", "own", is_flag=True,
        help="It is not on loopback or in a private network, or the load is a great one, and "
        "that is meant so.")  # fmt: skip
@option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True,
        help="What to print.")  # fmt: skip
@option("--quiet", "-q", is_flag=True, help="No progress on the terminal.")
@click.option("--locustfile", is_flag=True, is_eager=True, expose_value=False, callback=_locustfile,
              help="Print the path of the file that Locust takes with -f, and exit.")  # fmt: skip
def command(
    scenario: str,
    target: str | None,
    status_url: str | None,
    reply_url: str | None,
    rate: float | None,
    stages: tuple[tuple[float, float], ...] | None,
    concurrency: int | None,
    duration: float | None,
    arrivals: Any,
    max_in_flight: int | None,
    seed: int | None,
    retry: str | None,
    overrides: tuple[str, ...],
    grace: float,
    thresholds: tuple[str, ...],
    receiver: str | None,
    probe: str | None,
    settle: float,
    prometheus: tuple[str, int] | None,
    reports: tuple[str, ...],
    save: str | None,
    output: str,
    *,
    finding: bool,
    own: bool,
    quiet: bool,
) -> None:
    """Send the traffic of SCENARIO (a file, or a shipped one's name) at a rate you choose.

    Its messages are the mix. Without --rate, --stages and --concurrency, its own times hold.

    \b
    mockatell load receipts --target http://localhost:8000/clickatell \\
        --rate 500/s --duration 30s --threshold 'p(99) < 250ms'

    Exit codes: 0 what was asked held, or nothing was asked; 1 it failed, or nothing at all was
    accepted; 2 evidence is missing, or the options are wrong; 3 endpoint unreachable; 130
    interrupted.
    """
    asked = tuple(map(parse, thresholds))
    files = places(reports, save)
    if receiver and probe:
        raise ConfigurationError("--receiver-count and --probe exclude each other: give one")
    room = _room()
    urls = {
        "--target": target,
        "--status-url": status_url,
        "--reply-url": reply_url,
        "--receiver-count": receiver,
        "--probe": probe,
    }
    settings = room.LoadSettings(
        target=target,
        status_url=status_url,
        reply_url=reply_url,
        seed=seed,
        retry=retry,
        rate=rate,
        stages=stages or (),
        concurrency=concurrency,
        duration=duration,
        arrivals=arrivals,
        max_in_flight=max_in_flight,
        grace=grace,
        public=own,
    )
    again = replay(scenario, urls, settings, overrides, thresholds, settle)
    settings = replace(settings, replay=again)
    read = loaded(scenario, overrides)
    with exposed(prometheus) as gauges:
        if finding and (receiver or probe):
            raise ConfigurationError("--find-limit is many loads: verify one at the rate it finds")
        if finding:
            report = _search(read, settings, asked, gauges, own=own, quiet=quiet)
        else:
            seen = _witness(receiver, probe)
            report = _once(read, settings, asked, gauges, seen, settle, own=own, quiet=quiet)
    tell(report, output)
    write_all(report, files)
    sys.exit(report.exit_code)


def _witness(receiver: str | None, probe: str | None) -> Accounts | Lookups | None:
    """What looks at what the endpoint did; None: nobody asked."""
    if receiver:
        return Accounts(receiver, RealClock())
    return Lookups(probe, RealClock()) if probe else None


def _once(
    scenario: Scenario,
    settings: LoadSettings,
    asked: tuple[Threshold, ...],
    gauges: Gauges,
    witness: Accounts | Lookups | None,
    settle: float,
    *,
    own: bool,
    quiet: bool,
) -> LoadReport:
    """One load, and where it is asked for, what the receiver says that it did."""
    ledger = Ledger(by_message=True)
    tally = LedgerTally(ledger) if witness else None
    load = _room().Load(scenario, settings, tally)
    guard(load, *([witness.url] if witness else []), own=own)
    if witness:
        witness.look()
    result = play(load, gauges, quiet=quiet)
    found = witness.compare(ledger, result.totals.cut, settle) if witness else None
    return reported(result, judged(asked, result), found)


def _search(
    scenario: Scenario,
    settings: LoadSettings,
    asked: tuple[Threshold, ...],
    gauges: Gauges,
    *,
    own: bool,
    quiet: bool,
) -> LoadReport:
    """One load after the other, for the highest rate that meets the thresholds.

    Raises:
        ConfigurationError: The load is asked for in a way that has no rate.
    """
    from mockatell.rooms.load.finding_limit import DEFAULT_THRESHOLDS, FIRST_RATE, STEP, find_limit

    if settings.stages or settings.concurrency:
        raise ConfigurationError("--find-limit chooses the rate: leave --stages, --concurrency out")
    first = float(settings.rate or FIRST_RATE)
    settings = replace(
        settings,
        rate=first,
        duration=settings.duration or STEP,
        seed=chosen_seed(settings.seed, scenario.seed),
        replay=f"{settings.replay} --find-limit",
    )
    room = _room()
    guard(room.Load(scenario, settings), own=own)
    asked = asked or DEFAULT_THRESHOLDS

    def at(rate: float) -> LoadResult:
        if not quiet:
            console(stderr=True).print(f"{rate:,g}/s", markup=False)
        return play(room.Load(scenario, replace(settings, rate=rate)), gauges, quiet=quiet)

    most = MAX_RATE if own else MOST_RATE
    result, steps = find_limit(at, asked, first=first, most=most)
    return reported(result, judged(asked, result), steps=steps)


def _room() -> Any:
    """The room, whose parser and event loop come with an extra.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    try:
        from mockatell.rooms.load import load
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"a load test needs {error.name}: pip install 'mockatell[load]'"
        ) from error
    return load
