"""What several commands ask for, in the same words."""

from __future__ import annotations

import os
from math import isnan
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from mockatell.clickatell.contract import PRESETS
from mockatell.core.scenario.units import UnitError, parse_rate, parse_seconds
from mockatell.rng import MAX_SEED

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.core.scenario.spec import Scenario

    F = TypeVar("F", bound=Callable[..., Any])


class Measure(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """A number with its unit.

    Args:
        name: What is measured.
        parse: Reads it.
    """

    def __init__(self, name: str, parse: Callable[[str], float]) -> None:
        self.name = name
        self._parse = parse

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse it."""
        if isinstance(value, float):
            return value
        try:
            return self._parse(str(value))
        except UnitError as error:
            self.fail(str(error), param, ctx)


class Factor(click.FloatRange):
    """A number within bounds; `nan` compares with nothing, so it is refused by name."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse it."""
        factor = float(super().convert(value, param, ctx))
        if isnan(factor):
            self.fail("'nan' is not a number", param, ctx)
        return factor


class Port(click.IntRange):
    """A port to listen on, 0 for any that is free; 8080 when none is said.

    Kubernetes puts `MOCKATELL_PORT=tcp://10.0.0.1:8080` into every container's environment as soon
    as there is a service called mockatell: that is not meant for us.
    """

    default = 8080

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse it."""
        if value is None or str(value).startswith("tcp://"):
            return self.default
        return int(super().convert(value, param, ctx))


DURATION = Measure("duration", parse_seconds)
RATE = Measure("rate", parse_rate)
PORT = Port(0, 65535)
SPEED = Factor(0.001, 1_000_000)
"""How much faster than real time."""


class _Option(click.Option):
    """An option whose errors name the variable that it comes from, if it comes from one."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """What an error calls it."""
        hint = str(super().get_error_hint(ctx))
        source = None if ctx is None else ctx.get_parameter_source(self.name or "")
        return f"{hint} (from {self.envvar})" if source is ParameterSource.ENVIRONMENT else hint


def option(flag: str, *more: str, **settings: Any) -> Callable[[F], F]:
    """An option that can also come from `MOCKATELL_<FLAG>`.

    Except `--format`: its values are not the same in every command, so one variable cannot serve.
    """
    if flag == "--format":
        return click.option(flag, *more, **settings)
    name = flag.removeprefix("--").partition("/")[0].replace("-", "_").upper()
    variable = {"envvar": f"MOCKATELL_{name}", "show_envvar": False}
    return click.option(flag, *more, cls=_Option, **variable, **settings)


def all_of(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Several decorators as one, in the order in which `--help` shows them."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


targets = all_of(
    option("--target", metavar="URL", help="Your endpoint, for statuses and replies alike."),
    option("--status-url", metavar="URL", help="Your status endpoint."),
    option("--reply-url", metavar="URL", help="Your reply endpoint."),
)

seed = option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    help="Replays a run; drawn and printed when not given.",
)

overrides = option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Override a value of the scenario, as in `messages.0.count=5`. Repeatable.",
)

retry = option(
    "--retry",
    type=click.Choice(list(PRESETS)),
    help="Retry preset, instead of the scenario's own policy.",
)


scenario_argument = click.argument("scenario")


def loaded(source: str, overrides: tuple[str, ...]) -> Scenario:
    """The scenario in a file, or the shipped one of that name."""
    from mockatell.core.scenario.load import load

    return load(source, env=os.environ, overrides=overrides)
