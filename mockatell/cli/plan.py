"""`mockatell plan`: what would be sent, and when, without sending it."""

from __future__ import annotations

from functools import partial

import click

from mockatell.cli.options import loaded, option, overrides, scenario_argument, seed
from mockatell.cli.output import console
from mockatell.core.render.picture import timeline
from mockatell.core.render.plan import PLAN_FORMATS
from mockatell.rng import chosen_seed
from mockatell.shell.clock import FIXED_EPOCH_MS


@click.command("plan", short_help="Show what a scenario would send, and when.")
@scenario_argument
@option(
    "--format",
    "format_",
    type=click.Choice(list(PLAN_FORMATS)),
    default="timeline",
    show_default=True,
    help="A picture, a table, or one JSON object a line.",
)
@seed
@overrides
def command(scenario: str, format_: str, seed: int | None, overrides: tuple[str, ...]) -> None:
    """Show what SCENARIO would send, and when, without sending anything.

    The same seed shows the same plan, to the byte: a dry run's time 0 is 2026-01-01T00:00:00Z.
    """
    from mockatell.core.plan import plan

    read = loaded(scenario, overrides)
    chosen = chosen_seed(seed, read.seed)
    deliveries = plan(read, seed=chosen, epoch_ms=FIXED_EPOCH_MS)
    render = PLAN_FORMATS[format_]
    if format_ == "timeline":
        render = partial(timeline, width=console(stderr=False).width, epoch_ms=FIXED_EPOCH_MS)
    for line in render(deliveries):
        click.echo(line)
    click.echo(f"seed {chosen}", err=True)
