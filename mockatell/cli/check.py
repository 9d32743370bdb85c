"""`mockatell check`: hold an endpoint to the contract, clause by clause."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace
from rich.table import Table
from rich.text import Text

from mockatell.cli.live import kept
from mockatell.cli.options import DURATION, option, overrides, seed, targets
from mockatell.cli.output import console
from mockatell.core.check.clauses import FAMILIES, chosen
from mockatell.core.check.words import Verdict, Weight
from mockatell.core.render.check import CHECK_FORMATS
from mockatell.core.render.check.table import show
from mockatell.core.render.sentences import count
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.overrides import shown_override
from mockatell.core.scenario.urls import masked
from mockatell.errors import ConfigurationError, OutputError
from mockatell.rooms.check.check import BUDGET, Check, Wishes, to_urls
from mockatell.shell.clock import RealClock
from mockatell.shell.drivers.asynchronous import Stop

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.console import Console

    from mockatell.core.check.examination import Examination
    from mockatell.core.check.report import CheckReport
    from mockatell.core.scenario.spec import Scenario

_NOTHING = b'{"messages": [{"lifecycle": "sent"}]}'  # a scenario for its defaults
_ENDINGS = {".txt": "table", ".json": "json", ".xml": "junit", ".html": "html", ".sarif": "sarif"}


class Header(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """`Name: value`; several in one variable of the environment are lines."""

    name = "header"
    envvar_list_splitter = "\n"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Take it apart."""
        if isinstance(value, tuple):
            return value
        name, colon, content = str(value).partition(":")
        if not colon or not name.strip():
            self.fail("a header is 'Name: value'", param, ctx)
        return name.strip(), content.strip()


@click.command("check", short_help="Hold your endpoint to the contract, clause by clause.")
@click.argument("url", required=False)
@targets
@option("--header", "headers", type=Header(), multiple=True, metavar="'NAME: VALUE'",
        help="Send this header as well. Repeatable.")  # fmt: skip
@option("--timeout", type=DURATION,
        help="What an exchange is given; 5s, as assumed of the platform.")  # fmt: skip
@option("--message-id", metavar="ID",
        help="A message that your endpoint knows; without it every id is made up.")  # fmt: skip
@overrides
@seed
@option("--only", multiple=True, metavar="CLAUSE",
        help="Play this one, and what it needs. Repeatable.")  # fmt: skip
@option("--skip", multiple=True, metavar="CLAUSE", help="Leave this one out. Repeatable.")
@option("--limits/--no-limits", default=True,
        help="Look for the largest body (22 MB) and the highest burst (200 at once).")  # fmt: skip
@option("--budget", type=DURATION, default="5m", show_default=True,
        help="Begin no clause after so much waiting.")  # fmt: skip
@option("--format", "format_", type=click.Choice(list(CHECK_FORMATS)),
        help="By default what FILE ends in says, or table.")  # fmt: skip
@option("--output", "-o", metavar="FILE", help="Write to FILE instead of standard output.")
@option("--list", "listed", is_flag=True, help="Say which clauses there are, and send nothing.")
@option("--quiet", "-q", is_flag=True, help="No progress, and no table on the terminal.")
def command(
    url: str | None,
    target: str | None,
    status_url: str | None,
    reply_url: str | None,
    headers: tuple[tuple[str, str], ...],
    timeout: float | None,
    message_id: str | None,
    overrides: tuple[str, ...],
    seed: int | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    budget: float,
    format_: str | None,
    output: str | None,
    *,
    limits: bool,
    listed: bool,
    quiet: bool,
) -> None:
    """Hold the endpoint at URL to the contract: every clause with its verdict and evidence.

    It is sent some 1,500 callbacks with made-up content, 4,500 at the very most, and never
    more than 200 at once. Exits with 1 when a clause of the contract is broken; advice that
    is not followed changes nothing.

    \b
    mockatell check http://localhost:8000/clickatell
    mockatell check --status-url http://… --reply-url http://… --no-limits -o check.html
    """
    if listed:
        console(stderr=False).print(_clauses(only, skip))
        return
    format_ = _format(format_, output)
    wishes = Wishes(
        target=url or target,
        status_url=status_url,
        reply_url=reply_url,
        headers=headers,
        timeout=timeout,
        seed=seed,
        only=only,
        skip=skip,
        limits=limits,
        message_id=message_id,
        budget=budget,
    )
    wishes = _with_replay(wishes, overrides)
    scenario = parse(_NOTHING, name="mockatell check", env=os.environ, overrides=overrides)
    report = asyncio.run(_interruptible(scenario, wishes, console(stderr=True), quiet=quiet))
    _tell(report, format_, output, quiet=quiet)
    sys.exit(report.exit_code)


def _format(format_: str | None, output: str | None) -> str:
    """The format that was asked for, or that the file's ending stands for."""
    if output is not None and not Path(output).parent.is_dir():
        raise ConfigurationError(f"--output {output}: there is no folder {Path(output).parent}")
    return format_ or _ENDINGS.get(Path(output or "").suffix.lower(), "table")


async def _interruptible(
    scenario: Scenario, wishes: Wishes, out: Console, *, quiet: bool
) -> CheckReport:
    """Ctrl-C and SIGTERM end the check; what was found until then is told."""
    stop = Stop()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    progress = _Progress(out)
    check = Check(scenario, wishes, RealClock(), watch=progress.see)
    with progress.shown() if not quiet else nullcontext():
        return await to_urls(check, stop)


def _tell(report: CheckReport, format_: str, output: str | None, *, quiet: bool) -> None:
    if output is not None:
        _write(output, CHECK_FORMATS[format_](report))
    elif format_ != "table":
        click.echo(CHECK_FORMATS[format_](report), nl=False)
    if not quiet and (output is not None or format_ == "table"):
        show(report, console(stderr=output is not None))


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write the report to {path}: {error.strerror}") from None


def _with_replay(wishes: Wishes, overrides: tuple[str, ...]) -> Wishes:
    """The command that does it again, secrets masked, `{seed}` where the seed goes."""
    urls = {"--status-url": wishes.status_url, "--reply-url": wishes.reply_url}
    words = ["mockatell", "check", *([masked(wishes.target)] if wishes.target else [])]
    words += [word for flag, url in urls.items() if url for word in (flag, masked(url))]
    words += [word for name, _ in wishes.headers for word in ("--header", f"{name}: ***")]
    words += ["--timeout", f"{wishes.timeout:g}s"] if wishes.timeout else []
    words += ["--message-id", wishes.message_id] if wishes.message_id else []
    words += [word for each in overrides for word in ("--set", shown_override(each))]
    words += [word for each in wishes.only for word in ("--only", each)]
    words += [word for each in wishes.skip for word in ("--skip", each)]
    words += [] if wishes.limits else ["--no-limits"]
    words += [] if wishes.budget == BUDGET else ["--budget", f"{wishes.budget:g}s"]
    return replace(wishes, replay=f"{shlex.join(words)} --seed {{seed}}")


def _clauses(only: tuple[str, ...], skip: tuple[str, ...]) -> Table:
    """The clause table: id, rule, and how well the vendor's side of it is known."""
    wanted = chosen(only, skip)
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for name, ratio in (("clause", None), ("what is to be so", 1), ("rests on", None)):
        table.add_column(name, ratio=ratio, no_wrap=ratio is None)
    for family, clauses in FAMILIES.items():
        here = [clause for clause in clauses if clause in wanted]
        if here:
            table.add_row(Text(f"\n{family}", style="bold"))
        for clause in here:
            advice = clause.weight is Weight.ADVICE
            table.add_row(clause.id, Text(clause.rule), "advice" if advice else clause.basis)
    return table


class _Progress:
    """How far a check has come, in one line on a terminal."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._line = Text("connecting")

    def see(self, examination: Examination) -> None:
        """Take a look at it."""
        done, now = examination.results, examination.now
        broken = sum(each.verdict is Verdict.BROKEN for each in done)
        parts = [
            f"{len(done)} of {len(examination.clauses)} clauses",
            count(examination.tally.requests, "request"),
            *([f"{broken} broken"] if broken else []),
            now.id if now else "",
        ]
        self._line = Text(" · ".join(parts), overflow="ellipsis", no_wrap=True)

    def shown(self) -> AbstractContextManager[None]:
        """Keep the line on the terminal meanwhile; off a terminal, do nothing."""
        return kept(self._out, lambda: self._line)
