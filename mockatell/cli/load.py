"""`mockatell load`: play a scenario at a rate you choose and say what that showed."""

from __future__ import annotations

import re
import shlex
import signal
import sys
from typing import TYPE_CHECKING, Any

import click
import msgspec

from mockatell.cli.options import (
    DURATION,
    loaded,
    option,
    overrides,
    retry,
    scenario_argument,
    seed,
    targets,
)
from mockatell.cli.output import console
from mockatell.core.scenario.overrides import shown_override
from mockatell.core.scenario.units import UnitError, parse_rate, parse_seconds
from mockatell.core.scenario.urls import masked
from mockatell.errors import ConfigurationError
from mockatell.model import Trouble

if TYPE_CHECKING:
    from mockatell.core.load.result import LoadResult
    from mockatell.rooms.load import Load, LoadSettings

_STAGE = re.compile(r"([^:]+):([0-9]+(?:\.[0-9]+)?)(?:/s)?")
_INTERRUPTED, _UNREACHABLE = 130, 3


class Rate(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """Callbacks a time: `2000/s`."""

    name = "rate"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse it."""
        if isinstance(value, float):
            return value
        try:
            return parse_rate(str(value))
        except UnitError as error:
            self.fail(str(error), param, ctx)


class Stages(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """Lengths of time, each with the rate at its end: `10s:100,60s:2000,10s:0`."""

    name = "stages"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[tuple[float, float], ...]:
        """Parse it."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(self._stage(part, param, ctx) for part in str(value).split(","))
        except UnitError as error:
            self.fail(str(error), param, ctx)

    def _stage(
        self, text: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        found = _STAGE.fullmatch(text.strip())
        if found is None:
            self.fail(f"{text!r} is not a stage (write 10s:100, for 100 a second)", param, ctx)
        return parse_seconds(found[1]), float(found[2])


@click.command("load", short_help="Play a scenario at a rate you choose.")
@scenario_argument
@targets
@option("--rate", type=Rate(), metavar="RATE",
        help="Callbacks a second, as in 2000/s; duplicates and retries come on top.")  # fmt: skip
@option("--stages", type=Stages(), metavar="STAGES",
        help="As in 10s:100,60s:2000,10s:0; the rate goes evenly from 0 to each.")  # fmt: skip
@option("--concurrency", type=click.IntRange(min=1),
        help="As fast as so many connections can: each sends once it has its answer.")  # fmt: skip
@option("--duration", type=DURATION, help="How long callbacks come, whatever the scenario holds.")
@option("--arrivals", type=click.Choice(["constant", "poisson"]), default="constant",
        show_default=True, help="Evenly, or as independent events do.")  # fmt: skip
@option("--max-in-flight", type=click.IntRange(min=1),
        help="Most exchanges at once; what is held back is counted.  [default: 2000]")  # fmt: skip
@seed
@retry
@overrides
@option("--grace", type=DURATION, default="5s", show_default=True,
        help="What exchanges in flight are given at the end.")  # fmt: skip
@option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True,
        help="What to print.")  # fmt: skip
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
    output: str,
) -> None:
    """Send the traffic of SCENARIO (a file, or a shipped one's name) at a rate you choose.

    Its messages are the mix. Without --rate, --stages and --concurrency, its own times hold.

    \b
    mockatell load receipts --target http://localhost:8000/clickatell --rate 500/s --duration 30s
    """
    room = _room()
    urls = {"--target": target, "--status-url": status_url, "--reply-url": reply_url}
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
    )
    replay = _replay(scenario, urls, settings, overrides)
    settings = msgspec.structs.replace(settings, replay=replay)
    result = play(room.Load(loaded(scenario, overrides), settings))
    if output == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2))
    else:
        console(stderr=False).print(told(result), markup=False, highlight=False)
    sys.exit(exit_code(result))


def _room() -> Any:
    """The room, whose parser and event loop come with an extra.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    try:
        from mockatell.rooms import load
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"a load test needs {error.name}: pip install 'mockatell[load]'"
        ) from error
    return load


def play(load: Load) -> LoadResult:
    """Play a load; the first Ctrl-C or SIGTERM begins nothing more, a second one waits no more."""
    import asyncio

    from mockatell.rooms.load import new_loop
    from mockatell.shell.drivers.asynchronous import Stop

    async def interruptible() -> LoadResult:
        stop = Stop()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        return await load.play(stop)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(interruptible())


def exit_code(result: LoadResult) -> int:
    """130 when it was interrupted, 3 when nothing was ever reached, else 0."""
    if result.interrupted:
        return _INTERRUPTED
    tried = sum(n for name, n in result.troubles.items() if name != Trouble.OUTAGE)
    return _UNREACHABLE if tried and not result.timings.latency.count else 0


def told(result: LoadResult) -> str:
    """The result in some lines."""
    totals, latency, lag = result.totals, result.timings.latency, result.timings.lag
    started = result.started
    attempts = f"{totals.attempts} attempts in {result.took:.1f} s, {result.achieved:,.0f} a second"
    ends = f"{totals.acknowledged} acknowledged, {totals.redirected} redirected"
    open_ends = f"{totals.exhausted} given up, {totals.pending} pending"
    lines = [
        f"{started.scenario}, seed {started.seed}: {attempts}",
        f"{totals.deliveries} deliveries: {ends}, {open_ends}",
        f"latency: p50 {_ms(latency.p50)}, p99 {_ms(latency.p99)}, max {_ms(latency.max)}",
        f"our lag: p50 {_ms(lag.p50)}, p99 {_ms(lag.p99)}; busy {result.validity.busy:.0%}",
    ]
    lines += [
        f"{n} x {name}: {result.details.get(name, '')}" for name, n in result.troubles.items()
    ]
    lines += [f"not valid: {why}" for why in result.validity.why]
    return "\n".join([*lines, started.replay])


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms"


def _replay(
    scenario: str,
    urls: dict[str, str | None],
    settings: LoadSettings,
    overrides: tuple[str, ...],
) -> str:
    """The command that does it again, secrets masked, `{seed}` where the seed goes."""
    stages = ",".join(f"{length:g}s:{rate:g}" for length, rate in settings.stages)
    given: dict[str, object] = {
        **{flag: masked(url) for flag, url in urls.items() if url},
        "--rate": settings.rate and f"{settings.rate:g}/s",
        "--stages": stages,
        "--concurrency": settings.concurrency,
        "--duration": settings.duration and f"{settings.duration:g}s",
        "--arrivals": settings.arrivals if settings.arrivals != "constant" else None,
        "--max-in-flight": settings.max_in_flight,
        "--retry": settings.retry,
    }
    options = [(flag, str(value)) for flag, value in given.items() if value]
    options += [("--set", shown_override(each)) for each in overrides]
    words = ["mockatell", "load", scenario, *(word for pair in options for word in pair)]
    return f"{shlex.join(words)} --seed {{seed}}".replace("'***'", "***")
