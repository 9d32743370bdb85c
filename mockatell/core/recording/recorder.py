"""The callbacks of a recording as they come: disguised at once, copies and retries told apart."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.clickatell.hearing import Heard, hear
from mockatell.core.recording.disguise import Disguise
from mockatell.core.recording.incognito import incognito
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MOST_BODIES: Final = 20_000
MOST_BYTES: Final = 8 * 1024 * 1024  # of what is kept of them; a scenario has at most one
_MOST_COPIES: Final = 100
_MOST_ODD: Final = 200
_SUCCESS: Final = range(200, 300)


class Taken(Frozen, frozen=True):
    """One body that came.

    Args:
        at: When it came first, in seconds since the recording began.
        events: What it says of nobody.
        again: When copies of it came.
    """

    at: float
    events: tuple[Heard, ...]
    again: tuple[float, ...] = ()


class Recording(Frozen, frozen=True):
    """What was recorded.

    Args:
        taken: In order of arrival.
        bodies: How many there were in all, copies and retries too.
        retries: How many came again because they were not acknowledged.
        left_out: How many new ones came when no more could be kept.
        odd: What a scenario cannot say, in words, and how often it came.
        answers: How often each HTTP status was answered; None: there was no answer.
        quirks: By quirk, how often each side of it was seen.
        integration: Id and name; "" where ids are not kept.
    """

    taken: tuple[Taken, ...]
    bodies: int
    retries: int
    left_out: int
    odd: Mapping[str, int]
    answers: Mapping[int | None, int]
    quirks: Mapping[str, Mapping[str | bool, int]]
    integration: tuple[str, str] = ("", "")


class Receipt(Frozen, frozen=True):
    """What a body was.

    Args:
        number: Of its first arrival.
        told: What it says, a word or two for each event.
        manner: `new`, `again`, `retried`, or `left out`.
    """

    number: int
    told: tuple[str, ...]
    manner: str = "new"


class _Kept:
    """A body that came, and how its exchanges end."""

    def __init__(self, number: int, at: float, events: tuple[Heard, ...]) -> None:
        self.number = number
        self.at = at
        self.events = events
        self.again: list[float] = []
        self.refused = False


class Recorder:
    """Takes callbacks, and keeps nothing of them that is about anybody.

    Args:
        key: What stands for what follows from it; see `Disguise`.
        keep: Texts that stay.
        ids: Whether ids stay.
    """

    def __init__(self, key: int, *, keep: Collection[str] = (), ids: bool = False) -> None:
        self._disguise = Disguise(key, keep)
        self._ids = ids
        self._known: dict[bytes, _Kept] = {}
        self._size = 0
        self._bodies = 0
        self._retries = 0
        self._left_out = 0
        self._odd: Counter[str] = Counter()
        self._answers: Counter[int | None] = Counter()
        self._quirks: dict[str, Counter[str | bool]] = {}
        self._integration = ("", "")

    def take(self, body: bytes, at: float) -> Receipt:
        """Take one that came at a time, in seconds since the recording began."""
        self._bodies += 1
        digest = blake2b(body, digest_size=16).digest()
        kept = self._known.get(digest)
        if kept is None:
            return self._first(digest, body, at)
        told = tuple(map(_named, kept.events))
        if kept.refused:
            self._retries += 1
            return Receipt(kept.number, told, "retried")
        if len(kept.again) < _MOST_COPIES:
            kept.again.append(at)
        else:
            self._note(f"a body that came more than {_MOST_COPIES} times again")
        return Receipt(kept.number, told, "again")

    def answered(self, body: bytes, status: int | None) -> None:
        """Tell what became of one: the HTTP status, or None where there was no answer."""
        self._answers[status] += 1
        kept = self._known.get(blake2b(body, digest_size=16).digest())
        if kept is not None:
            kept.refused = status not in _SUCCESS

    def recording(self) -> Recording:
        """What there is so far; it does not change any more."""
        return Recording(
            taken=tuple(Taken(k.at, k.events, tuple(k.again)) for k in self._known.values()),
            bodies=self._bodies,
            retries=self._retries,
            left_out=self._left_out,
            odd=dict(self._odd),
            answers=dict(self._answers),
            quirks={name: dict(seen) for name, seen in self._quirks.items()},
            integration=self._integration if self._ids else ("", ""),
        )

    def _first(self, digest: bytes, body: bytes, at: float) -> Receipt:
        letter = hear(body)
        for words in letter.odd:
            self._note(words)
        events = tuple(incognito(each, self._disguise, ids=self._ids) for each in letter.events)
        told = tuple(map(_named, events)) or letter.odd[:1] or ("nothing",)
        self._size += len(msgspec.json.encode(events))
        if len(self._known) >= MOST_BODIES or self._size > MOST_BYTES:
            self._left_out += 1
            return Receipt(0, told, "left out")
        for quirks in (letter.quirks, *(event.quirks for event in events)):
            for name, side in quirks.items():
                self._quirks.setdefault(name, Counter())[side] += 1
        self._integration = letter.integration if any(letter.integration) else self._integration
        number = len(self._known) + 1
        self._known[digest] = _Kept(number, at, events)
        return Receipt(number, told)

    def _note(self, words: str) -> None:
        if words not in self._odd and len(self._odd) >= _MOST_ODD:
            words = "more that is odd"
        self._odd[words] += 1


def _named(event: Heard) -> str:
    return event.status or event.kind
