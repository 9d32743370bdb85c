"""A recording as a scenario, in YAML: what came, and in comments what a scenario cannot say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import fields

from mockatell.clickatell.quirks import Quirks
from mockatell.core.recording.talks import messages
from mockatell.core.render.schedule import flow, in_yaml
from mockatell.core.render.sentences import count, printable
from mockatell.core.scenario.tree import MAX_BYTES, MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockatell.core.recording.recorder import Recording
    from mockatell.core.recording.talks import Told

_ROOM_BYTES: Final = MAX_BYTES - 64 * 1024  # the rest is for the comments
_ROOM_SIZE: Final = MAX_SIZE - 1000
_TEXT_UNIT: Final = 64
_MOST_ODD: Final = 30
_MOST_NAME: Final = 200
_WHOLE_SECONDS: Final = 2  # replies from which on whole seconds are no chance


def as_scenario(recording: Recording, *, name: str, ids: bool) -> str | None:
    """The YAML of a recording, which `mockatell run` plays; None where nothing can be played.

    Args:
        recording: What was recorded.
        name: The scenario's.
        ids: Whether it has the ids that were recorded; else every run draws new ones.
    """
    odd: list[str] = []
    told = messages(recording.taken, odd, ids=ids)
    if not told:
        return None
    lines, said = _within_room(told)
    head = [f"# {printable(line)}" for line in _about(recording, told, said, odd, ids=ids)]
    own = [f"name: {flow(name)}", *_settings(recording)]
    return "\n".join([*head, *own, "messages:", *lines]) + "\n"


def _within_room(told: Iterable[Told]) -> tuple[list[str], int]:
    """The messages' lines, as many as a scenario may have, and how many messages that is."""
    lines: list[str] = []
    room, values = _ROOM_BYTES, _ROOM_SIZE
    for said, each in enumerate(told):
        block = list(in_yaml(each.own, each.steps))
        room -= sum(len(line.encode()) + 1 for line in block)
        values -= _size(each.own) + _size(each.steps) + 2
        if room < 0 or values < 0:
            return lines, said
        lines += block
    return lines, said + 1


def _size(value: Any) -> int:
    """What a scenario's reader counts for a value, or a little more."""
    match value:
        case dict():
            return 1 + sum(1 + _size(own) for own in value.values())
        case list() | tuple():
            return 1 + sum(map(_size, value))
        case _:
            return 1 + len(str(value)) // _TEXT_UNIT


def _about(
    recording: Recording, told: list[Told], said: int, odd: list[str], *, ids: bool
) -> Iterator[str]:
    came = f"{count(recording.bodies, 'callback')} in {count(len(told), 'message')}"
    kept = "ids kept" if ids else "ids left out"
    yield f"Recorded by mockatell record: {came}; numbers, names and texts replaced, {kept}."
    yield "Play it: mockatell run FILE --target URL"
    copies = sum(len(each.again) for each in recording.taken)
    if copies:
        yield f"{count(copies, 'duplicate')} among them: see `again`"
    if recording.retries:
        retries = count(recording.retries, "retry", "retries")
        yield f"{retries} of what was not acknowledged: mockatell retries by itself"
    if recording.answers:
        yield f"answers: {', '.join(_answers(recording.answers))}"
    if said < len(told) or recording.left_out:
        missing = len(told) - said
        more = count(recording.left_out, "callback")
        yield f"a scenario is at most 1 MiB: {count(missing, 'message')} and {more} are left out"
    yield from _oddities(Counter(recording.odd) + Counter(odd))


def _answers(answers: Mapping[int | None, int]) -> Iterator[str]:
    ranked = sorted(answers.items(), key=lambda item: -item[1])
    return (
        f"{'none' if status is None else status} {count(times, 'time')}" for status, times in ranked
    )


def _oddities(odd: Counter[str]) -> Iterator[str]:
    if odd:
        yield "not said below, as a scenario has no words for it (see `faults: - future:`):"
    for words, times in odd.most_common(_MOST_ODD):
        yield f"  {words}" + (f" ({times:,} times)" if times > 1 else "")
    if len(odd) > _MOST_ODD:
        yield f"  and {len(odd) - _MOST_ODD:,} more"


def _settings(recording: Recording) -> Iterator[str]:
    """The quirks that were seen, and the integration where it is kept."""
    known = {field.name: field.default for field in fields(Quirks)}
    sides = {name: max(seen, key=lambda side: seen[side]) for name, seen in _seen(recording)}
    quirks = {name: side for name, side in sides.items() if side != known[name]}
    identity = dict(zip(("id", "name"), recording.integration, strict=True))
    integration = {key: text for key, text in identity.items() if _can_be_shown(text)}
    if integration:
        yield f"integration: {flow(integration)}"
    if quirks:
        yield f"quirks: {flow(quirks)}"


def _seen(recording: Recording) -> Iterator[tuple[str, Mapping[str | bool, int]]]:
    yield from recording.quirks.items()
    stamps = [
        event.timestamp
        for each in recording.taken
        for event in each.events
        if event.is_reply and event.timestamp is not None
    ]
    if len(stamps) >= _WHOLE_SECONDS and not any(stamp % 1000 for stamp in stamps):
        yield "reply_timestamp", {"seconds": len(stamps)}


def _can_be_shown(text: str) -> bool:
    return 0 < len(text) <= _MOST_NAME and text.isprintable()
