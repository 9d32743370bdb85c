"""`mockatell replay`: play a finding, or a journal, again, and say what has changed."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockatell.cli.explore import looking, served
from mockatell.cli.options import loaded, option, overrides, seed, targets
from mockatell.cli.output import console
from mockatell.core.render.sentences import count, printable
from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.core.scenario.load import parse_keys
from mockatell.core.scenario.urls import MASK
from mockatell.rooms.explore.explore import Aim, Expedition
from mockatell.rooms.explore.replaying import moved, replay_journal, replay_scenario
from mockatell.shell.journalfile import read_journal

if TYPE_CHECKING:
    from mockatell.core.journal import Journal
    from mockatell.core.scenario.spec import Scenario
    from mockatell.rooms.explore.replaying import Replayed

_JOURNAL = b'{"type":"run"'


@click.command("replay", short_help="Play a finding or a journal again: fixed, or still failing?")
@click.argument("file")
@option("--expect", type=click.Choice(["fail", "pass"]),
        help="How it went before. By default a finding failed, and a journal says it.")  # fmt: skip
@targets
@seed
@overrides
@option("--ignore", multiple=True, metavar="PATH",
        help="Leave this out of the state: `updated_at`, `items[*].id`. Repeatable.")  # fmt: skip
@option("--probe", "probes", multiple=True, metavar="URL",
        help="Look at your state here as well, as with `explore`. Repeatable.")  # fmt: skip
@option("--stand-in", metavar="HOST:PORT",
        help="Serve the platform's /v1/message here, for your app to send to.")  # fmt: skip
def command(
    file: str,
    expect: str | None,
    target: str | None,
    status_url: str | None,
    reply_url: str | None,
    seed: int | None,
    overrides: tuple[str, ...],
    ignore: tuple[str, ...],
    probes: tuple[str, ...],
    stand_in: str | None,
) -> None:
    """Play FILE again: a finding of `explore`, or the journal of a run with `--bodies`.

    A finding is had up to 20 times, each under fresh ids, and compared with delivery in order; a
    journal is sent as it was, and must be acknowledged. Waits are jumped.

    \b
    mockatell replay findings/finding-1.yaml --expect fail

    The verdict says what has changed: fixed, regressed, still failing or still passing. The exit
    code says how it is now: 0 it passes, 1 it fails, 2 nothing to compare with, 3 unreachable.
    """
    journal = read_journal(file) if _is_journal(file) else None
    scenario = loaded(file, overrides) if journal is None else _of_journal(journal)
    known = resolve_endpoints(scenario)
    there = resolve_endpoints(scenario, target=target, status_url=status_url, reply_url=reply_url)
    scenario, elsewhere = moved(scenario, known, there)
    for probe in elsewhere if not probes else ():
        click.echo(f"the target was moved, and this probe was not: {probe} (--probe URL)", err=True)
    with ExitStack() as stack:
        aim = Aim(
            looking(scenario, probes),
            target=target,
            status_url=status_url,
            reply_url=reply_url,
            seed=seed,
            sent=None if stand_in is None else served(stand_in, seed or 0, stack),
            ignore=ignore,
            is_blind=True,
        )
        expedition = stack.enter_context(Expedition(aim))
        failed = None if expect is None else expect == "fail"
        if journal is None:
            replayed = replay_scenario(
                expedition, failed_before=failed is not False, looking=bool(probes)
            )
        else:
            replayed = replay_journal(expedition, journal, failed_before=failed)
    _tell(replayed)
    sys.exit(replayed.exit_code)


def _is_journal(file: str) -> bool:
    try:
        with Path(file).open("rb") as opened:
            return opened.read(len(_JOURNAL)) == _JOURNAL
    except OSError:
        return False  # the scenario's reader says what is wrong


def _of_journal(journal: Journal) -> Scenario:
    """The endpoints of a journal, as far as they are not secret.

    Raises:
        ConfigurationError: A URL of the journal's cannot be used.
    """
    urls = journal.started.endpoints
    known = {role: url for role, url in urls.items() if MASK not in url}
    roles = {attempt.role.value for attempt in journal}
    messages = [{"reply": "moText"}] * ("reply" in roles) + [{}] * ("status" in roles)
    return parse_keys({"endpoints": known, "messages": messages}, name="the journal's endpoints")


def _tell(replayed: Replayed) -> None:
    told = console(stderr=True)
    runs = count(replayed.runs, "run")
    told.print(f"{replayed.verdict}: it failed in {replayed.failures} of {runs}", markup=False)
    for line in replayed.evidence:
        told.print(f"  {printable(line)}", markup=False, soft_wrap=True)
