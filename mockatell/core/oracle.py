"""What the scenario expects, judged: pure functions from what was seen to clauses that hold or not.

A clause that could not be evaluated is missing evidence (`held` is None), never a pass.
"""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from mockatell.clickatell.reading import FACTS, events_of, of_message, of_reply
from mockatell.core.picking import PickError, picker
from mockatell.core.scenario.spec import ExpectSpec
from mockatell.core.scenario.urls import masked
from mockatell.model import Expectation, Frozen, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockatell.core.scenario.spec import ProbeSpec
    from mockatell.model import Delivery, RunEnded

PLACEHOLDER = re.compile(r"\{(" + "|".join(FACTS) + r")\}")
MOST_EVIDENCE = 10
MOST_SHOWN = 200  # characters of a value
_ROUNDING = 1e-6  # of a delivery: 55 % of 100 is 55, whatever the floats say
NOT_FOUND = 404

DEFAULT_EXPECT = (ExpectSpec(acknowledged="all"),)

Subject = dict[str, str]  # placeholder -> value, for one message


class Look(Frozen, frozen=True):
    """One probe's look at one message.

    Args:
        url: What was asked, secrets masked.
        held: Whether the answer was the expected one; None when it could not be evaluated.
        status_code: Of the answer, or None when there was none.
        seen: What was seen instead, in words; "" when it held.
        absent: Whether nothing was found there: an answer 404, or no row.
    """

    url: str
    held: bool | None
    status_code: int | None = None
    seen: str = ""
    absent: bool = False


def judge_acknowledged(clause: str | float, ended: RunEnded) -> Expectation:
    """Judge `acknowledged`: all deliveries, or at least a share of them."""
    words = f"acknowledged: {clause if isinstance(clause, str) else f'{clause:.4g}'}"
    seen = f"{ended.acknowledged} of {ended.deliveries} deliveries were acknowledged"
    if not ended.deliveries:
        return Expectation(words, None, ("nothing was delivered",))
    least = 1.0 if isinstance(clause, str) else clause
    held = ended.acknowledged >= ceil(least * ended.deliveries - _ROUNDING)
    return Expectation(words, held, (seen,))


def judge_looks(spec: ProbeSpec, looks: Sequence[Look]) -> Expectation:
    """Judge a probe from all of its looks.

    A 404 everywhere, or no row, says that the probe is wrong rather than that every message was
    lost, so it is missing evidence.
    """
    if looks and all(look.held is False and look.absent for look in looks):
        nowhere = "no look found a row: are database and query right?"
        lost = nowhere if spec.sql else "every look was answered 404: is the probe's URL right?"
        return Expectation(clause_of(spec), None, (lost,))
    return judged(clause_of(spec), looks)


def judged(words: str, looks: Sequence[Look]) -> Expectation:
    """Judge a clause from all of its looks: broken by one, and missing evidence for want of one."""
    if not looks:
        return Expectation(words, None, ("no message of this run fills in its placeholders",))
    broken = [look for look in looks if look.held is False]
    missing = [look for look in looks if look.held is None]
    if broken:
        return Expectation(words, False, _evidence(broken, len(looks), "were not as expected"))
    if missing:
        return Expectation(words, None, _evidence(missing, len(looks), "could not be evaluated"))
    return Expectation(words, True, (f"{len(looks)} looks, all as expected",))


def clause_of(spec: ProbeSpec) -> str:
    """A probe in words, secrets masked."""
    if spec.sql:
        return f"probe: SQL {_shortened(' '.join(spec.sql.split()))} on {masked(spec.url)}"
    return f"probe: GET {masked(spec.get)}"


class Question(Frozen, frozen=True):
    """What a probe asks about one message: a URL, and what its answer must be."""

    url: str
    json: Any
    status: int
    jmespath: str = ""


class Query(Frozen, frozen=True):
    """What a probe asks a database about one message: its parameters, and what it must find."""

    parameters: Subject
    json: Any
    jmespath: str = ""

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.parameters.items())


def questions(spec: ProbeSpec, about: Iterable[Subject]) -> list[Question]:
    """A probe's questions; a message that lacks a placeholder's value is not asked about."""
    asked: dict[tuple[str, str], Question] = {}
    for subject in about:
        try:
            escaped = {name: quote(value, safe="") for name, value in subject.items()}
            url, json = fill(spec.get, escaped), fill(spec.json, subject)
            question = Question(url, json, spec.status, spec.jmespath)
        except KeyError:
            continue
        asked.setdefault((question.url, repr(question.json)), question)
    return list(asked.values())


def queries(spec: ProbeSpec, about: Iterable[Subject]) -> list[Query]:
    """A database probe's questions; a message that lacks a parameter's value is not asked about."""
    names = [name for name in FACTS if re.search(rf"(?<![:\w\\]):{name}\b(?!:)", spec.sql)]
    asked: dict[tuple[str, str], Query] = {}
    for subject in about:
        try:
            parameters = {name: subject[name] for name in names}
            query = Query(parameters, fill(spec.json, subject), spec.jmespath)
        except KeyError:
            continue
        asked.setdefault((str(query), repr(query.json)), query)
    return list(asked.values())


def judge_rows(query: Query, rows: list[dict[str, Any]]) -> Look:
    """Judge what a query found: a list is compared with all rows, anything else with the only one.

    Args:
        query: What was asked.
        rows: As JSON has them.
    """
    place = str(query) or "the query"
    if not rows and query.json != []:
        return Look(place, held=False, seen="no row", absent=True)
    of_all = bool(query.jmespath) or isinstance(query.json, list)
    if not of_all and len(rows) > 1:
        return Look(place, held=False, seen=f"{len(rows):,} rows, expected one")
    return _judged(place, None, query, rows if of_all else rows[0])


def _judged(place: str, status_code: int | None, asked: Question | Query, answer: Any) -> Look:
    """Judge what was seen, or what is to be picked of it."""
    try:
        seen = picked(asked.jmespath, answer)
    except PickError as error:
        return Look(place, None, status_code, f"jmespath does not fit: {error}")
    wrong = mismatch(asked.json, seen) or ""
    return Look(place, not wrong, status_code, wrong)


def picked(jmespath: str, answer: Any) -> Any:
    """What is compared of an answer.

    Raises:
        PickError: The expression does not fit it.
    """
    return picker(jmespath, "jmespath")(answer) if jmespath else answer


def judge_answer(question: Question, status_code: int, body: bytes) -> Look:
    """Judge one answer.

    Success and 404 say something about the customer's state; any other unexpected status says
    only that the probe did not get to see it.
    """
    url = masked(question.url)
    if status_code != question.status:
        telling = 200 <= status_code < 300 or status_code == NOT_FOUND  # noqa: PLR2004 -- HTTP's own
        seen = f"answered {status_code}, expected {question.status}"
        held = False if telling else None
        return Look(url, held, status_code, seen, absent=status_code == NOT_FOUND)
    if question.json is msgspec.UNSET:
        return Look(url, True, status_code)
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Look(url, None, status_code, "the answer is not JSON")
    return _judged(url, status_code, question, answer)


def _evidence(looks: Sequence[Look], of: int, how: str) -> tuple[str, ...]:
    lines = [f"{look.url}: {look.seen}" for look in looks[:MOST_EVIDENCE]]
    return (f"{len(looks)} of {of} looks {how}", *lines)


def subjects(deliveries: Iterable[Delivery]) -> list[Subject]:
    """What a probe can be asked about: each message, once for every reply to it.

    `messageId`, `clientMessageId`, `status` and `statusCode` are of the message that the customer
    sent, as it should stand in the end; `replyId` is of a message that the customer received, and
    `from` and `to` say who sent it.

    Args:
        deliveries: The plan without faults, in order of the events' timestamps.
    """
    messages: dict[int, Subject] = {}
    replies: dict[int, list[Subject]] = {}
    for delivery in deliveries:
        number = delivery.conversation
        for _, event in events_of(delivery.callback.body):
            if delivery.callback.role is Role.STATUS:
                messages.setdefault(number, {}).update(of_message(event))
            else:
                replies.setdefault(number, []).append(of_reply(event))
    numbers = sorted(messages.keys() | replies.keys())
    return [
        messages.get(number, {}) | reply
        for number in numbers
        for reply in replies.get(number, [{}])
    ]


def fill(template: Any, subject: Subject) -> Any:
    """A template with its placeholders filled in; texts inside lists and mappings too.

    Raises:
        KeyError: The subject lacks one.
    """
    if isinstance(template, str):
        return PLACEHOLDER.sub(lambda match: subject[match[1]], template)
    if isinstance(template, dict):
        return {key: fill(value, subject) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, subject) for value in template]
    return template


def mismatch(expected: Any, actual: Any, path: str = "") -> str | None:
    """Where `actual` does not contain `expected`, in words, or None.

    A mapping may hold more than is expected, a list may not. `"5"` and `5` are the same: a filled
    in placeholder is always text.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        steps = ((f"{path}.{key}".lstrip("."), expected[key], actual.get(key)) for key in expected)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        steps = ((f"{path}[{i}]", e, a) for i, (e, a) in pairs)
    elif _same(expected, actual):
        return None
    else:
        return f"{path or 'the answer'} is {_shown(actual)}, expected {_shown(expected)}"
    return next((m for at, e, a in steps if (m := mismatch(e, a, at))), None)


def _shown(value: Any) -> str:
    return _shortened(repr(value))


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _same(expected: Any, actual: Any) -> bool:
    scalar = (str, int, float)
    if isinstance(expected, str) and isinstance(actual, scalar) and not isinstance(actual, bool):
        return expected == str(actual)
    return type(expected) is type(actual) and bool(expected == actual)
