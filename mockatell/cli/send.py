"""`mockatell send`: one event, now."""

from __future__ import annotations

import re
import sys
from typing import Any

import click
import msgspec

from mockatell.cli.options import option, retry, seed, targets
from mockatell.cli.output import console
from mockatell.cli.run import play
from mockatell.clickatell.events import FALLBACK, KINDS, ROLE_OF, STATUS, TYPING
from mockatell.clickatell.statuses import find
from mockatell.core.report import report
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.near import suggestion
from mockatell.core.scenario.units import format_seconds
from mockatell.errors import ConfigurationError
from mockatell.model import Attempt, Role
from mockatell.rooms.run import Settings

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ON_SMS = ("moText", STATUS)
_NUMBERS = frozenset({"network", "size", "code", "status_code"})
_FLAGS = frozenset({"referral", "encrypted"})


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
    scenario = parse(msgspec.json.encode(one_event(kind, fields)), name=f"send {kind}", env={})
    journal_ = play(scenario, settings, journal=journal, quiet=True)
    if not quiet:
        _say(journal_.attempts)
    sys.exit(report(journal_).exit_code)


def one_event(kind: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """The scenario that sends one event of a kind, as data.

    Raises:
        ConfigurationError: There is no such kind, or a field is not `name=value`.
    """
    if kind not in KINDS:
        raise ConfigurationError(f"there is no kind '{kind}' ({suggestion(kind, KINDS)})")
    given = dict(map(_field, fields))
    given.setdefault("channel", _channel(kind, given))
    message = _status(kind, given) if ROLE_OF[kind] is Role.STATUS else _reply(kind, given)
    return {"name": f"send {kind}", "messages": [message]}


def _channel(kind: str, given: dict[str, Any]) -> str:
    """Where an event of which no channel is said happens: on SMS, if it can."""
    status = find(given.get("status", given.get("status_code", "")))
    on_sms = kind in _ON_SMS and (status is None or "sms" in status.channels)
    return "sms" if on_sms else "whatsapp"


def _field(pair: str) -> tuple[str, Any]:
    name, equals, value = pair.partition("=")
    if not equals or not name:
        raise ConfigurationError(f"'{pair}' is not a field (write NAME=VALUE)")
    name = _WORDS.sub("_", name).lower()
    if name in _NUMBERS and value.isdecimal():
        return name, int(value)
    if name in _FLAGS:
        return name, value.lower() in ("true", "yes", "1")
    # A scenario would take `$` for a variable of the environment; here the shell has done that.
    return name, int(value) if name == "status" and value.isdecimal() else value.replace("$", "$$")


def _status(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """A message with one step; a typing event's `from` is whom the message went to."""
    if kind == TYPING:
        step: dict[str, Any] = {"typing": {}}
        given["to"] = given.pop("from", given.pop("to", None))
    elif kind == FALLBACK:
        step = {"fallback": {}}
    else:
        code = given.pop("status_code", None)
        step = {"status": given.pop("status", code or "DEVICE_ACK")}
        if code is not None and step["status"] != code:
            step["code"] = code
    return {name: value for name, value in given.items() if value is not None} | {"steps": [step]}


def _reply(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """An MO event; one with related ids answers the message of those ids."""
    related = {
        name: given.pop(f"related_{name}")
        for name in ("message_id", "client_message_id")
        if f"related_{name}" in given
    }
    if not related:
        return {"reply": kind, **given}
    message = {
        "channel": given.pop("channel"),
        # Sender and receiver of the reply are receiver and sender of the message it answers.
        "to": given.pop("from", None),
        "from": given.pop("to", None),
        **related,
    }
    shown = {name: value for name, value in message.items() if value is not None}
    return {**shown, "steps": [{"reply": kind, **given}]}


def _say(attempts: list[Attempt]) -> None:
    out = console(stderr=True)
    for attempt in attempts:
        answer = f" with {attempt.status_code}" if attempt.status_code else ""
        detail = f": {attempt.detail}" if attempt.detail else ""
        told = f"{attempt.outcome}{answer} in {format_seconds(attempt.service)}{detail}"
        out.print(" ".join(filter(None, (attempt.kind, attempt.message_id, told))),
                  markup=False, soft_wrap=True)  # fmt: skip
