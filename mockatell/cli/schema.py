"""`mockatell schema`: the JSON Schema of scenarios, for editors."""

from __future__ import annotations

import json

import click


@click.command("schema", short_help="Print the JSON Schema of scenarios.")
def command() -> None:
    """Print the JSON Schema of scenarios, for an editor's completion and checks."""
    from mockatell.core.scenario.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
