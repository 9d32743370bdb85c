"""What a receiver says that it did, held against what it acknowledged: lost and doubled effects."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.load.tally import Tally
from mockatell.errors import InputError
from mockatell.model import Frozen, Outcome, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockatell.model import Attempt

    Account = int | Mapping[str, int]

MOST_MESSAGES: Final = 500_000
_EXAMPLES: Final = 5
_TOTAL: Final = "count"
_REACHED: Final = 1
_ACKNOWLEDGED: Final = 2


class Verification(Frozen, frozen=True):
    """What the receiver's own account shows.

    Args:
        acknowledged: Different callbacks that it answered with a 2xx: as many effects at least.
        possible: Different callbacks that reached it, whatever came back: so many at most.
        counted: Effects that it says it had; None where it was asked about messages one by one.
        lost: Acknowledged, and without effect.
        doubled: Effects beyond one for each callback that reached it.
        looked_at: Messages that were looked at one by one; 0 where only sums were compared.
        messages: Messages of which something was acknowledged, whether looked at or not.
        examples: Message ids, with what is wrong.
        missing: Why nothing can be said; "" where something can.
        right_after: Seconds from the end of the load, its grace included, until nothing was
            lost or doubled, to a quarter of one; None where that was not seen.
    """

    acknowledged: int
    possible: int
    counted: int | None = None
    lost: int = 0
    doubled: int = 0
    looked_at: int = 0
    messages: int = 0
    examples: tuple[str, ...] = ()
    missing: str = ""
    right_after: float | None = None

    @property
    def held(self) -> bool | None:
        """Whether nothing was lost or doubled; None: that cannot be said."""
        return None if self.missing else not (self.lost or self.doubled)

    @property
    def sentence(self) -> str:
        """It, in words."""
        if self.missing:
            return f"What the receiver did could not be compared: {self.missing}."
        sampled = self.counted is None
        if self.held and sampled:
            known = f"{self.looked_at:,} of {self.messages:,} acknowledged messages"
            return f"The receiver was asked for {known}, and knew them all."
        if self.held:
            return "The receiver's own account agrees with what it acknowledged."
        if sampled:
            asked = f"{self.looked_at:,} messages that it was asked for"
            return f"{self.lost:,} lost, of {asked}: acknowledged, and not known."
        wrong = [(self.lost, "lost: acknowledged, and without effect")]
        wrong += [(self.doubled, "doubled: more effects than callbacks")]
        return f"{'; '.join(f'{number:,} {what}' for number, what in wrong if number)}."

    def seen(self, after: float) -> Verification:
        """The same, as it was seen so many seconds after the load."""
        return msgspec.structs.replace(self, right_after=after if self.held else None)

    def unsaid(self, why: str) -> Verification:
        """The same, when nothing can be said after all."""
        return Verification(self.acknowledged, self.possible, missing=why)


class Ledger:
    """Which callbacks a receiver acknowledged, and which it may have processed.

    Takes a byte for each callback, and with `by_message` about two hundred for each message.
    """

    def __init__(self, *, by_message: bool = False) -> None:
        self._seen = bytearray()
        self._unknown: dict[int, int] = {}  # what `future` made up: below 0, far apart
        self._messages: dict[str, list[int]] | None = {} if by_message else None

    def add(self, attempt: Attempt) -> None:
        """Take an attempt that has ended."""
        origin = attempt.origin
        if isinstance(origin, msgspec.UnsetType) or not _reached(attempt):
            return
        if origin >= len(self._seen):
            self._seen.extend(bytes(max(origin + 1 - len(self._seen), 4096)))
        seen: bytearray | dict[int, int] = self._seen
        if origin < 0:
            seen = self._unknown
            seen.setdefault(origin, 0)
        before = seen[origin]
        now = before | (_ACKNOWLEDGED if attempt.outcome is Outcome.ACKNOWLEDGED else _REACHED)
        seen[origin] = now
        if self._messages is not None and attempt.message_id:
            self._count(attempt.message_id, before, now)

    def _count(self, message_id: str, before: int, now: int) -> None:
        messages = self._messages or {}
        if message_id not in messages and len(messages) >= MOST_MESSAGES:
            return
        assert self._messages is not None
        counts = self._messages.setdefault(message_id, [0, 0])
        counts[0] += now & _ACKNOWLEDGED and not before & _ACKNOWLEDGED
        counts[1] += not before

    @property
    def acknowledged(self) -> int:
        """Different callbacks that were acknowledged."""
        return sum(1 for state in self._states() if state & _ACKNOWLEDGED)

    @property
    def possible(self) -> int:
        """Different callbacks that reached the endpoint."""
        return sum(map(bool, self._states()))

    def _states(self) -> Iterator[int]:
        return chain(self._seen, self._unknown.values())

    @property
    def taken(self) -> list[str]:
        """The messages of which something was acknowledged, from first to last."""
        return [name for name, (least, _) in self.messages.items() if least]

    @property
    def messages(self) -> Mapping[str, list[int]]:
        """By message id: different callbacks acknowledged, and possible."""
        return self._messages or {}


class LedgerTally(Tally):
    """A tally that enters every attempt in a ledger, too."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger = ledger

    def ended(self, attempt: Attempt) -> None:
        """An attempt is over."""
        super().ended(attempt)
        self._ledger.add(attempt)


def compared(ledger: Ledger, before: Account, after: Account, cut: int = 0) -> Verification:
    """What the receiver's accounts from before and after the load show.

    Args:
        ledger: What it acknowledged meanwhile.
        before: Its account from before.
        after: The one from afterwards, of the same kind.
        cut: Exchanges that were cut off: whether these had an effect, nobody knows.
    """
    acknowledged, possible = ledger.acknowledged, ledger.possible + cut
    if isinstance(before, int) and isinstance(after, int):
        return Verification(
            acknowledged,
            possible,
            counted=after - before,
            lost=max(0, acknowledged - (after - before)),
            doubled=max(0, after - before - possible),
        )
    if isinstance(before, int) or isinstance(after, int):
        words = "its account was a number once, and once a list of messages"
        return Verification(acknowledged, possible, missing=words)
    return _by_message(ledger, before, after, cut)


def _by_message(
    ledger: Ledger, before: Mapping[str, int], after: Mapping[str, int], cut: int
) -> Verification:
    lost: Counter[str] = Counter()
    doubled: Counter[str] = Counter()
    for message_id, (least, most) in ledger.messages.items():
        effects = after.get(message_id, 0) - before.get(message_id, 0)
        lost[message_id] += max(0, least - effects)
        doubled[message_id] += max(0, effects - most)
    examples = [f"{name}: {n} lost" for name, n in lost.most_common(_EXAMPLES) if n]
    examples += [f"{name}: {n} too many" for name, n in doubled.most_common(_EXAMPLES) if n]
    return Verification(
        ledger.acknowledged,
        ledger.possible + cut,
        counted=sum(after.values()) - sum(before.values()),
        lost=lost.total(),
        doubled=max(0, doubled.total() - cut),
        looked_at=len(ledger.messages),
        messages=len(ledger.taken),
        examples=tuple(examples),
    )


def sampled(names: Sequence[str], most: int) -> list[str]:
    """So many of them, evenly from first to last; all where there are no more."""
    number = min(most, len(names))
    return [names[each * len(names) // number] for each in range(number)]


def read_account(data: bytes) -> Account:
    """A receiver's account of its effects.

    It is a number, an object with a number called `count`, an object of message ids with a number
    each, or an array of message ids with one entry for each effect.

    Raises:
        InputError: It is nothing of the kind.
    """
    try:
        read: int | dict[str, int] | list[str] = msgspec.json.decode(
            data, type=int | dict[str, int] | list[str]
        )
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"not an account of effects: {error}") from None
    if isinstance(read, list):
        return dict(Counter(read))
    if isinstance(read, dict) and set(read) == {_TOTAL}:
        return read[_TOTAL]
    return read


def _reached(attempt: Attempt) -> bool:
    trouble: Trouble | None = attempt.trouble
    return trouble is None or trouble.connected
