"""A schedule for people: in words, as a scenario that plays it, and as a test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from mockatell.clickatell.events import FALLBACK, STATUS, TYPING
from mockatell.core.render.sentences import count, printable
from mockatell.core.scenario.units import Seconds
from mockatell.core.schedules import GAP, Schedule, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockatell.core.drafts import Draft
    from mockatell.core.scenario.spec import Scenario

    Message = tuple[dict[str, Any], list[dict[str, Any]]]  # its own keys, and its steps

_IDS = frozenset({"message_id", "client_message_id"})


def in_words(schedule: Schedule, events: Sequence[Draft]) -> list[str]:
    """What is sent, one line for each delivery."""
    lines = []
    for number, turn in enumerate(turns(schedule), 1):
        again = ", again" if turn.copy else ""
        first = not turn.copy
        lost = schedule.lost.count(turn.event) * first
        refused = schedule.refused.count(turn.event) * first
        troubles = "".join(
            (
                f"; nobody answers its first {count(refused, 'attempt')}" if refused else "",
                f"; {count(lost, 'acknowledgement')} of it lost, so it is retried" if lost else "",
            )
        )
        when = "" if schedule.disorder == 0 else f" (event {turn.rank + 1})"
        races = " at the same moment:" if number - 1 in schedule.races else ""
        lines.append(f"{number}.{races} {named(events[turn.event])}{when}{again}{troubles}")
    return lines


def named(event: Draft) -> str:
    """An event in a few words."""
    about = f" of message {event.message_id}" if event.message_id else ""
    if event.kind == STATUS:
        return printable(f"{event.status}{about}")
    answer = f" to message {event.message_id}" if event.prompted else ""
    return printable(f"{event.kind}{answer or about}")


def as_scenario(
    schedule: Schedule,
    events: Sequence[Draft],
    config: Scenario,
    why: Iterable[str] = (),
    *,
    own: Sequence[str] = ("name: schedule", "seed: 0"),
    ids: bool = True,
) -> str:
    """A scenario, in YAML, that delivers by this schedule.

    Args:
        schedule: Who comes when.
        events: The conversation.
        config: What else holds: integration, retry policy and quirks.
        why: Comment lines to open with.
        own: Lines for keys of its own; a `retry` among them goes before the configuration's.
        ids: Whether messages have the ids of the events, or fresh ones every time.
    """
    whole: dict[str, Any] = {}
    for key in ("integration", "retry", "quirks"):
        if written := _written(getattr(config, key)):
            whole[key] = written
    if whole.get("retry") == "one-api" or any(line.startswith("retry:") for line in own):
        whole.pop("retry", None)
    lines = [*(f"# {printable(line)}" for line in why), *own]
    lines += [f"{key}: {flow(value)}" for key, value in whole.items()]
    return "\n".join([*lines, "messages:", *_messages(schedule, events, ids=ids)]) + "\n"


def _messages(schedule: Schedule, events: Sequence[Draft], *, ids: bool) -> Iterator[str]:
    groups: dict[Any, Message] = {}
    latest: dict[Any, int] = {}
    for rank, index in enumerate(schedule.events):
        event = events[index]
        told = _told(schedule, index)
        key = _same_message(event, index)
        if key not in groups:
            groups[key] = _opened(event, rank), []
        if _is_unprompted(event):
            groups[key][0].update(_reply(event) | told)
            continue
        after = (rank - latest.get(key, rank)) * GAP
        latest[key] = rank
        groups[key][1].append(_step(event) | _seconds("after", after) | told)
    for own, steps in groups.values():
        yield from in_yaml(own, steps) if ids else in_yaml(_nameless(own), map(_nameless, steps))


def _nameless(keys: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if key not in _IDS}


def _same_message(event: Draft, index: int) -> Any:
    if event.message_id is None:
        return index
    return event.channel, event.message_id, event.client_message_id, event.user, event.business


def _is_unprompted(event: Draft) -> bool:
    return event.kind not in (STATUS, FALLBACK, TYPING) and not event.prompted


def _opened(event: Draft, rank: int) -> dict[str, Any]:
    user, business = ("from", "to") if _is_unprompted(event) else ("to", "from")
    own = {
        "channel": event.channel,
        "message_id": event.message_id,
        "client_message_id": event.client_message_id,
        user: event.user,
        business: event.business,
    }
    given = {key: value for key, value in own.items() if value is not None}
    return given | _seconds("at", rank * GAP)


def _step(event: Draft) -> dict[str, Any]:
    if event.kind == STATUS:
        coded = {} if event.code is None else {"code": event.code}
        return {"status": event.status} | coded
    if event.kind in (FALLBACK, TYPING):
        return {"fallback" if event.kind == FALLBACK else "typing": {}}
    return _reply(event)


def _reply(event: Draft) -> dict[str, Any]:
    given = {name: value for name, value in event.fields.items() if value is not None}
    plain: dict[str, Any] = msgspec.to_builtins(given)
    return {"reply": event.kind} | plain


def _told(schedule: Schedule, index: int) -> dict[str, Any]:
    """How an event's deliveries differ from one that is sent as it happens."""
    first, *copies = (turn for turn in turns(schedule) if turn.event == index)
    happened = first.rank * GAP
    said = _seconds("late", first.due - happened)
    if copies:
        said["again"] = [_length(copy.due - happened) for copy in copies]
    for key, among in (("refused", schedule.refused), ("lost_acks", schedule.lost)):
        if index in among:
            said[key] = among.count(index)
    return {"delivery": said} if said else {}


def in_yaml(own: dict[str, Any], steps: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The lines of one message: its own keys, and its steps, a line each."""
    steps = list(steps)
    if not steps:
        yield f"  - {flow(own)}"
        return
    head, *rest = (f"{key}: {flow(value)}" for key, value in own.items())
    yield f"  - {head}"
    yield from (f"    {line}" for line in rest)
    yield "    steps:"
    yield from (f"      - {flow(step)}" for step in steps)


def _seconds(key: str, seconds: float) -> dict[str, Any]:
    return {key: _length(seconds)} if seconds else {}


def _length(seconds: float) -> str:
    return f"{seconds:g}s"


def flow(value: Any) -> str:
    """A value on one line; a dollar sign is doubled, or it would be read as a variable."""
    text: str = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
    )
    return text.removesuffix("\n").removesuffix("\n...").replace("$", "$$")


def _written(value: Any) -> Any:
    """A part of a scenario as it is written; what is by default is left out."""
    if isinstance(value, msgspec.Struct):
        return {key: _written(own) for _, key, own in _own(value)}
    if isinstance(value, Seconds):
        return _length(value)
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    return float(value) if isinstance(value, float) else value


_TEST = '''from mockatell import Draft, Schedule

EVENTS = (
{lines}
)
SCHEDULE = {schedule}


def test_{about}(mockatell{argument}):
    """The endpoint ends in the state that delivery in order, and once each, ends in.

{told}
    """
    mockatell.converges(EVENTS, state={state}, only=[SCHEDULE])
'''
_ORDERLY = '''from mockatell import Draft

EVENTS = (
{lines}
)


def test_{about}(mockatell):
    """The endpoint takes what comes in order and once.

{told}
    """
    mockatell.send(*EVENTS)
    mockatell.assert_all_acknowledged()
'''


def as_test(
    schedule: Schedule,
    events: Sequence[Draft],
    state: str | None,
    why: Iterable[str] = (),
    *,
    in_order: bool = False,
) -> str:
    """A test that delivers by this schedule, in order and once each, and compares.

    Args:
        schedule: Who comes when.
        events: The conversation.
        state: The URL template that shows the state; None for what only the test's author knows:
            then the test asks for a fixture `state`.
        why: What it is about, in lines.
        in_order: Whether the schedule is delivery in order, which must be acknowledged.
    """
    kept = schedule.events
    place = {event: rank for rank, event in enumerate(kept)}
    order, lost, refused = (
        tuple(place[e] for e in part) for part in (schedule.order, schedule.lost, schedule.refused)
    )
    own = Schedule(order, lost, refused, schedule.races)
    about = "_then_".join(
        re.sub(r"\W+", "_", str(_short(events[e]))).lower() for e in schedule.order
    )
    lines = "\n".join(f"    {_code(events[event])}," for event in kept)
    told = "\n".join(f"    {printable(line)}" for line in why).replace('"""', "'''")
    told = told.replace(chr(92), chr(92) * 2)
    if in_order:
        return _ORDERLY.format(lines=lines, about=about, told=told)
    return _TEST.format(
        lines=lines,
        schedule=_code(own),
        about=about,
        argument="" if state is not None else ", state",
        told=told,
        state="state" if state is None else repr(state),
    )


def _short(event: Draft) -> str | int:
    return event.status if event.kind == STATUS else event.kind


def _code(value: msgspec.Struct) -> str:
    """A structure as a call that makes it, defaults left out."""
    given = (f"{name}={own!r}" for name, _, own in _own(value))
    return f"{type(value).__name__}({', '.join(given)})"


def _own(value: msgspec.Struct) -> Iterator[tuple[str, str, Any]]:
    """The fields that are not as by default: their names here and in YAML, and what they hold."""
    names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
    defaults: tuple[Any, ...] = value.__struct_defaults__
    required = len(value.__struct_fields__) - len(defaults)
    for (name, key), default in zip(
        names, (*[msgspec.NODEFAULT] * required, *defaults), strict=True
    ):
        own = getattr(value, name)
        if own != (default.factory() if hasattr(default, "factory") else default):
            yield name, key, own
