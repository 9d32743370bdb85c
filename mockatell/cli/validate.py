"""`mockatell validate`: is this a scenario, and what would it do?"""

from __future__ import annotations

import sys

import click

from mockatell.cli.options import loaded, overrides
from mockatell.core.lives import message_count, roles_of
from mockatell.core.render.sentences import count
from mockatell.errors import ScenarioError


@click.command("validate", short_help="Check scenarios without sending anything.")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@overrides
def command(scenarios: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Check each SCENARIO (a file, or a shipped one's name) and say what it would send."""
    valid = [_is_valid(source, overrides) for source in scenarios]
    if not all(valid):
        sys.exit(ScenarioError.exit_code)


def _is_valid(source: str, overrides: tuple[str, ...]) -> bool:
    try:
        scenario = loaded(source, overrides)
    except ScenarioError as error:
        click.echo(f"mockatell: {error}", err=True)
        return False
    messages = sum(map(message_count, scenario.messages))
    roles = " and ".join(sorted(roles_of(scenario)))
    where = f"the {roles} endpoint{'s' * (' and ' in roles)}"
    what = [f"{count(messages, 'message')} to {where}"]
    what += [count(len(scenario.faults), "fault")] if scenario.faults else []
    click.echo(f"{source}: valid: {', '.join(what)}")
    return True
