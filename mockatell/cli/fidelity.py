"""`mockatell fidelity`: what is known of the platform, how well, and what is assumed."""

from __future__ import annotations

import click
import msgspec

from mockatell.cli.options import option
from mockatell.cli.output import console
from mockatell.clickatell.ledger import LEDGER, SENDING
from mockatell.core.render.fidelity import as_markdown, as_table


@click.command("fidelity", short_help="What is simulated, and how well each fact is known.")
@option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="For people, programs or documents.",
)
@option("--assumed", is_flag=True, help="Only what the vendor does not document.")
def command(format_: str, *, assumed: bool) -> None:
    """Print the fidelity ledger: each behaviour, how well it is known, its source and default."""
    rows = [row for row in (*LEDGER, *SENDING) if not assumed or row.basis == "assumed"]
    if format_ == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(rows), indent=2))
    elif format_ == "markdown":
        click.echo(as_markdown(rows))
    else:
        console(stderr=False).print(as_table(rows))
