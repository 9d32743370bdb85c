"""`mockatell demo`: the whole thing on built-in receivers, for whoever has no endpoint yet."""

from __future__ import annotations

import shlex
from importlib.resources import files
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from mockatell.cli.options import option, seed
from mockatell.cli.output import console, format_of, write_report
from mockatell.core.report import report
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.units import format_seconds
from mockatell.errors import ConfigurationError
from mockatell.public import run
from mockatell.rooms.demo.receivers import Guarded, Naive, as_asgi
from mockatell.rooms.demo.server import serve as bind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from mockatell.core.journal import Journal
    from mockatell.model import Expectation

RECEIVERS = {"naive": Naive, "guarded": Guarded}
LABELS = ("every callback acknowledged", "final status right", "each reply answered once")
EVIDENCE = 2  # lines for each expectation


@click.command("demo", short_help="See it at work on two built-in receivers.")
@seed
@option("--report", "path", metavar="FILE", help="Write the naive receiver's report (.html, …).")
@option(
    "--serve",
    type=click.Choice(list(RECEIVERS)),
    help="Serve a receiver instead, to try `run`, `load`, `check` and `explore` on.",
)
@option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
        help="Where to serve it, on 127.0.0.1.")  # fmt: skip
def command(seed: int | None, path: str | None, serve: str | None, port: int) -> None:
    """Play one scenario through a naive and a guarded receiver, side by side.

    Both acknowledge every callback. Only one of them survives.
    """
    if serve is not None:
        _serve(serve, port)
        return
    format_ = format_of(path) if path else ""
    journals = {name: played(name, seed) for name in RECEIVERS}
    tell(journals, console(stderr=False))
    if path:
        write_report(path, report(journals["naive"]), journals["naive"], format_)


def _serve(name: str, port: int) -> None:
    try:
        server = bind(RECEIVERS[name](), "127.0.0.1", port)
    except OSError as error:
        raise ConfigurationError(f"--port {port}: {error.strerror}; give another") from None
    url = f"http://127.0.0.1:{server.server_port}"
    click.echo(f"The {name} receiver listens on {url}; Ctrl-C stops it.")
    click.echo("To try in another terminal:\n")
    for command in tries(url):
        click.echo(f"  {command}")
    with server:
        server.serve_forever()


def tries(url: str) -> Iterator[str]:
    """What there is to try on a receiver, as it is typed."""
    target = f"{url}/callback"
    look = shlex.quote(f"{url}/messages/{{messageId}}")
    yield f"mockatell run receipts --target {target} --probe {look}"
    yield f"mockatell explore conversation --target {target} --probe {look}"
    yield f"mockatell check {target}"
    yield f"mockatell load receipts --target {target} --rate 200/s --duration 10s --probe {look}"


def played(name: str, seed: int | None = None) -> Journal:
    """Play the demo's scenario to one of the receivers."""
    text = files("mockatell.rooms.demo").joinpath("demo.yaml").read_bytes()
    return run(parse(text, name="demo.yaml", env={}), app=as_asgi(RECEIVERS[name]()), seed=seed)


def tell(journals: dict[str, Journal], out: Console) -> None:
    """Show how the receivers did, side by side."""
    naive, guarded = (_expectations(journals[name]) for name in RECEIVERS)
    played = journals["naive"]
    span = format_seconds(max(attempt.ended_at for attempt in played))
    out.print(
        f"{len(played)} requests: some callbacks twice, some late, some acknowledged in vain.\n"
        f"To two receivers, over {span} of the platform's time, seed {played.started.seed}.\n"
    )
    out.print(_table(naive, guarded))
    out.print("\nBoth answered 200 to everything. Where the naive one went wrong, for example:\n")
    for line in _examples(naive):
        out.print(f"  {line}")
    out.print("\nNow yours:\n\n  mockatell run receipts --target http://localhost:8000/callback")


def _examples(expectations: tuple[Expectation, ...]) -> Iterator[str]:
    for expectation in expectations:
        for line in expectation.evidence[1 : 1 + EVIDENCE] if not expectation.held else ():
            url, _, seen = line.partition(": ")
            yield f"message {url.rpartition('/')[2][:8]}: {seen}"


def _expectations(journal: Journal) -> tuple[Expectation, ...]:
    assert journal.ended is not None
    return journal.ended.expectations


def _table(naive: tuple[Expectation, ...], guarded: tuple[Expectation, ...]) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0))
    for column in ("", *RECEIVERS):
        table.add_column(column, header_style="bold")
    for label, one, other in zip(LABELS, naive, guarded, strict=True):
        table.add_row(label, _sign(one), _sign(other))
    return table


def _sign(expectation: Expectation) -> Text:
    if expectation.held:
        return Text("✓ yes", style="green")
    return Text(f"✗ {expectation.evidence[0].partition(' looks')[0]} wrong", style="red")
