"""Clauses on the kinds of events: each of the ten, every form, every status."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from mockatell.clickatell.events import FALLBACK, KINDS, ROLE_OF, STATUS, TYPING
from mockatell.clickatell.statuses import STATUSES
from mockatell.core.check.bench import FORMS, Form
from mockatell.core.check.judging import (
    all_acknowledged,
    broken,
    endings,
    held,
    not_exercised,
    patiently,
)
from mockatell.core.check.rows import baseline, kind_clause
from mockatell.core.check.words import Clause, Seen, Sending, Step
from mockatell.model import Outcome, Role

if TYPE_CHECKING:
    from collections.abc import Generator

    from mockatell.core.check.bench import Bench
    from mockatell.core.check.words import Script

UNKNOWN_ID: Final = "status-of-unknown-message"
_NOT_THERE: Final = frozenset({404, 410})
# UNKNOWN only answers a query; a number that we inferred is no better than `unknown-status` has.
_TABLE: Final = tuple(
    row for row in STATUSES if row.basis == "documented" and row.name != "UNKNOWN"
)
_KNOWN_ID: Final = "give the id of a message that the endpoint knows (--message-id)"


def acknowledged(bench: Bench, kind: str) -> Script:
    """A kind is acknowledged in one of its forms, of which the first that is serves later on."""
    seen: list[Seen] = []
    for form in FORMS[kind]:
        each = yield from patiently(Sending(bench.event(kind, form), form.words))
        seen.append(each)
        if each.acknowledged:
            bench.memory.forms[kind] = form
            return held(endings([each]), [each])
        if each.outcome is Outcome.TIMED_OUT or not each.connected:
            break
    names_message = kind in (STATUS, FALLBACK) and bench.terms.message_id is None
    if names_message and bench.memory.broken(UNKNOWN_ID):
        return not_exercised(f"statuses of unknown messages are rejected: {_KNOWN_ID}", seen)
    return broken(endings(seen), seen)


def unknown_message(bench: Bench) -> Script:
    """A status is acknowledged although nothing is known of its message, be it the first or not.

    Where it is not, other events tell whether that is for the message's sake.
    """
    first = yield from patiently(_of_nobody(bench, "SENT_TO_SUPPLIER"))
    later = yield from patiently(_of_nobody(bench, "DEVICE_ACK"))
    seen = [first, later]
    if all(each.acknowledged for each in seen):
        return held(endings(seen), seen)
    if any(each.answer.status_code is None for each in seen):
        return not_exercised(f"there was no answer: {endings(seen)}", seen)
    if first.acknowledged or (yield from _is_for_the_id(bench, first)):
        return broken(endings(seen), seen)
    return not_exercised(f"no {STATUS} is acknowledged, so not for the message's sake", seen)


def _of_nobody(bench: Bench, name: str) -> Sending:
    message = bench.message(message_id=bench.stream.hex_id())
    return Sending(bench.status(message, name), f"{name} of a message that was never sent")


def _is_for_the_id(bench: Bench, seen: Seen) -> Generator[Step, tuple[Seen, ...], bool]:
    """Whether events that name no message, or a known one, fare better."""
    if bench.terms.message_id is not None:
        known = Sending(bench.status(bench.message()), "of a message that is known")
        return (yield from patiently(known)).acknowledged
    typing = yield from patiently(Sending(bench.usual(TYPING), "it names no message"))
    code = seen.answer.status_code
    if code in _NOT_THERE:
        return typing.answer.status_code != code
    fallback = yield from patiently(Sending(bench.usual(FALLBACK), "it names a message, too"))
    return typing.acknowledged and fallback.answer.status_code == code


def every_status(bench: Bench) -> Script:
    """Every status of the vendor's table, on every channel that it occurs on."""
    rows = [(row, bench.message(channel)) for row in _TABLE for channel in row.channels]
    tried = [
        Sending(bench.status(message, row.name), f"{row.code} {row.name}") for row, message in rows
    ]
    known = [Sending(bench.status(message), "the first one") for _, message in rows]
    needed = bench.memory.broken(UNKNOWN_ID)  # or they are rejected for the messages' sake
    return (yield from all_acknowledged(tried, known if needed else ()))


def every_kind(bench: Bench, **changed: object) -> Script:
    """Every kind that the endpoint acknowledged, in its form changed so."""
    kinds = [kind for kind in bench.known_kinds() if kind in KINDS]
    forms = {kind: bench.form_of(kind, **changed) for kind in kinds}
    return (
        yield from all_acknowledged([
            Sending(bench.event(kind, form), _how(form)) for kind, form in forms.items()
        ])
    )  # fmt: skip


def one_kind(bench: Bench, kind: str, *forms: Form) -> Script:
    """One kind in these forms, as for the rest in the one that was acknowledged."""
    usual = bench.form_of(kind)
    changed = [
        usual._replace(
            words=form.words,
            channel=form.channel,
            fields={**usual.fields, **form.fields},
            quirks={**usual.quirks, **form.quirks},
        )
        for form in forms
    ]
    return (
        yield from all_acknowledged([
            Sending(bench.event(kind, form), form.words) for form in changed
        ])
    )  # fmt: skip


def _how(form: Form) -> str:
    return "an answer to a message" if form.prompted else "unprompted: its related ids are null"


def _kind(kind: str) -> Clause:
    role = ROLE_OF[kind]
    return Clause(
        id=kind_clause(kind),
        roles=(role,),
        rule=f"{kind} is acknowledged with 2xx on the {role} endpoint.",
        meaning=(
            "What is not acknowledged is sent again until the platform gives up, and then it is "
            "lost. Acknowledge also what you do not handle."
        ),
        row="acknowledged-by-2xx",
        needs=(f"{role}-lets-callbacks-in",),
        play=partial(acknowledged, kind=kind),
    )


MESSAGE_KNOWN: Final = Clause(
    id=UNKNOWN_ID,
    roles=(Role.STATUS,),
    rule="A status of a message that you know nothing of is acknowledged.",
    meaning=(
        "Statuses come for every message of the integration: those sent by another system, in "
        "the portal, or a moment before your own insert was committed. An answer of 4xx or 5xx "
        "is retried, so each becomes a series of retries. Acknowledge, and log."
    ),
    row="retried-otherwise",
    needs=("status-lets-callbacks-in",),
    play=unknown_message,
)

# The two that all else rests on go first; the others keep the vendor's order.
_ORDER: Final = sorted(KINDS, key=lambda kind: kind not in (STATUS, "moText"))

KIND_CLAUSES: Final = (MESSAGE_KNOWN, *map(_kind, _ORDER))

STATUS_CLAUSES: Final = (
    Clause(
        id="every-status",
        roles=(Role.STATUS,),
        rule="Every status of the vendor's table is acknowledged.",
        meaning=(
            "Failures are rare in tests and common in production. A number that the code does not "
            "map must not raise: keep it, and acknowledge."
        ),
        row="status-table",
        needs=(baseline(Role.STATUS),),
        play=every_status,
    ),
)
