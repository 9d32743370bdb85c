"""`mockatell send`: one event, now."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import msgspec

from mockatell.cli.options import option, retry, seed, targets
from mockatell.cli.output import console
from mockatell.cli.run import play
from mockatell.core.one_event import one_event
from mockatell.core.report import report
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.units import format_seconds
from mockatell.errors import ConfigurationError
from mockatell.rooms.run import Settings

if TYPE_CHECKING:
    from mockatell.model import Attempt


@click.command("send", short_help="Send one event of any kind.")
@click.argument("kind")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@targets
@seed
@retry
@option("--journal", metavar="FILE", help="Write the attempts as JSON lines; `-` is stdout.")
@option("--bodies", is_flag=True, help="Put the callback's body in the journal.")
@option("--annotate", is_flag=True, help="Say in X-Mockatell-* headers which attempt it is.")
@option("--quiet", "-q", is_flag=True, help="Say nothing; the exit code tells.")
def command(
    kind: str,
    fields: tuple[str, ...],
    target: str | None,
    status_url: str | None,
    reply_url: str | None,
    seed: int | None,
    retry: str | None,
    journal: str | None,
    *,
    bodies: bool,
    annotate: bool,
    quiet: bool,
) -> None:
    """Send one event of KIND to your endpoint, and exit by how it was answered.

    Fields have the vendor's names or a scenario's; what is not given is made up.

    \b
    mockatell send moText content=STOP channel=sms --target http://localhost:8000/clickatell
    mockatell send messageStatusUpdate status=READ messageId=6f0c… --target http://…
    """
    settings = Settings(
        target=target,
        status_url=status_url,
        reply_url=reply_url,
        seed=seed,
        retry=retry or "none",
        bodies=bodies,
        annotate=annotate,
    )
    scenario = parse(
        msgspec.json.encode(one_event(kind, dict(map(_field, fields)))), name=f"send {kind}", env={}
    )
    journal_ = play(scenario, settings, journal=journal, quiet=True)
    if not quiet:
        _say(journal_.attempts)
    sys.exit(report(journal_).exit_code)


def _field(pair: str) -> tuple[str, str]:
    """A field's name and value.

    Raises:
        ConfigurationError: It is not `name=value`.
    """
    name, equals, value = pair.partition("=")
    if not equals or not name:
        raise ConfigurationError(f"'{pair}' is not a field (write NAME=VALUE)")
    return name, value


def _say(attempts: list[Attempt]) -> None:
    out = console(stderr=True)
    for attempt in attempts:
        answer = f" with {attempt.status_code}" if attempt.status_code else ""
        detail = f": {attempt.detail}" if attempt.detail else ""
        told = f"{attempt.outcome}{answer} in {format_seconds(attempt.service)}{detail}"
        out.print(" ".join(filter(None, (attempt.kind, attempt.message_id, told))),
                  markup=False, soft_wrap=True)  # fmt: skip
