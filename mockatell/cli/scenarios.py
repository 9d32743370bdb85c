"""`mockatell scenarios`: those that travel with mockatell."""

from __future__ import annotations

import click

from mockatell.core.scenario import shipped
from mockatell.core.scenario.near import suggestion
from mockatell.errors import ConfigurationError


@click.command("scenarios", short_help="List the shipped scenarios, or print one.")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the shipped scenarios and the bug that each finds, or print the one called NAME."""
    if name is not None:
        path = shipped.find(name)
        if path is None:
            hint = suggestion(name, shipped.names())
            raise ConfigurationError(f"there is no shipped scenario '{name}' ({hint})")
        click.echo(path.read_text(encoding="utf-8"), nl=False)
        return
    widest = max(map(len, shipped.names()))
    for each in shipped.names():
        click.echo(f"{each:<{widest}}  {shipped.first_comment(each)}")
