"""What `mockatell load` is asked for: rates and stages, and the command that asks for it again."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Final

import click

from mockatell.core.scenario.overrides import shown_override
from mockatell.core.scenario.units import UnitError, parse_seconds
from mockatell.core.scenario.urls import masked

if TYPE_CHECKING:
    from mockatell.rooms.load.load import LoadSettings

GRACE: Final = 5.0  # seconds, where no option says more or less
SETTLE: Final = 5.0
_STAGE: Final = re.compile(r"([^:]+):([0-9]+(?:\.[0-9]+)?)(?:/s)?")


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


def replay(
    scenario: str,
    urls: dict[str, str | None],
    settings: LoadSettings,
    overrides: tuple[str, ...],
    thresholds: tuple[str, ...],
    settle: float,
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
        "--grace": f"{settings.grace:g}s" if settings.grace != GRACE else None,
        "--settle": f"{settle:g}s" if settle != SETTLE else None,
    }
    options = [(flag, str(value)) for flag, value in given.items() if value]
    options += [("--threshold", each) for each in thresholds]
    options += [("--set", shown_override(each)) for each in overrides]
    words = ["mockatell", "load", scenario, *(word for pair in options for word in pair)]
    return f"{shlex.join(words)} --seed {{seed}}".replace("'***'", "***")
