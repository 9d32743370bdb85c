"""Chance as an argument: streams of numbers derived from a seed and from what they are for.

Every message, fault, delivery and attempt draws from a stream of its own, so that nothing depends
on the order in which answers come back over a network. The generator is SplitMix64 (Steele, Lea
and Flood, 2014): its state is one integer, so deriving a stream costs less than a microsecond, and
its sequence is ours to promise, whatever Python's `random` does in a later release.
"""

from __future__ import annotations

import secrets
from enum import IntEnum, unique
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15
_SPREAD = 0xD1342543DE82EF95
_TO_UNIT = 2.0**-53
MAX_SEED = 2**53 - 1  # a seed survives any JSON reader that keeps numbers as doubles


@unique
class Purpose(IntEnum):
    """What a stream is for; part of its derivation, so the numbers are fixed for ever."""

    MESSAGE = 1
    ARRIVAL = 2
    FAULT = 3
    RETRY = 4
    MEDIA = 6
    ENCRYPTION = 7
    SEARCH = 8
    SEND_API = 9
    CHECK = 10
    RECORD = 11
    COMPARISON = 12


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def _descend(state: int, labels: Iterable[int]) -> int:
    for label in labels:
        state = ((state ^ (state >> 29)) * _SPREAD + label + 1) & _MASK
    return state


def draw_seed() -> int:
    """A fresh seed from the operating system, small enough to type."""
    return secrets.randbelow(2**31)


def chosen_seed(*given: int | None) -> int:
    """The first seed that is given, or a fresh one."""
    own = next((seed for seed in given if seed is not None), None)
    return draw_seed() if own is None else own


class Stem:
    """What streams of one purpose have in common, worked out once: those of a fault, for example.

    `Stem(seed, purpose, 3).stream(5)` is `Stream(seed, purpose, 3, 5)`.
    """

    __slots__ = ("_root", "_state")

    def __init__(self, seed: int, purpose: int, *labels: int) -> None:
        self._state = state = _descend((seed * _SPREAD + purpose) & _MASK, labels)
        self._root = (state ^ (state >> 29)) * _SPREAD + 1

    def stream(self, *labels: int) -> Stream:
        """The stream with these further labels."""
        stream = Stream.__new__(Stream)
        stream._state = _mix(_descend(self._state, labels))  # noqa: SLF001 -- its other way to be made
        return stream

    def chance(self, probability: float, label: int, *labels: int) -> bool:
        """True with this probability, whatever the stream with these labels draws.

        Every callback of a load asks for it with one label, so that makes and calls nothing.
        """
        z = (self._root + label) & _MASK
        if labels:
            z = _descend(z, labels)
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) * _TO_UNIT < probability


class Stream:
    """A reproducible stream of random numbers.

    The same `(seed, purpose, labels)` gives the same numbers in every process and Python version.

    Args:
        seed: The run's seed.
        purpose: What the numbers are for.
        labels: Which one of that purpose, for example a message's ordinal.
    """

    __slots__ = ("_state",)

    def __init__(self, seed: int, purpose: int, *labels: int) -> None:
        self._state = _mix(_descend((seed * _SPREAD + purpose) & _MASK, labels))

    def bits64(self) -> int:
        """64 random bits."""
        self._state = z = (self._state + _GAMMA) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def random(self) -> float:
        """A float in [0, 1)."""
        self._state = z = (self._state + _GAMMA) & _MASK  # as `bits64`, without the call
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) * _TO_UNIT

    def uniform(self, low: float, high: float) -> float:
        """A float in [low, high]; draws nothing when the two are equal."""
        if low == high:
            return low
        self._state = z = (self._state + _GAMMA) & _MASK  # as `random`, without the call
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return low + (high - low) * (((z ^ (z >> 31)) >> 11) * _TO_UNIT)

    def chance(self, probability: float) -> bool:
        """True with this probability; 0 is never, 1 is always."""
        return self.random() < probability

    def below(self, stop: int) -> int:
        """A whole number in [0, stop)."""
        return int(self.random() * stop)

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely as the others."""
        return choices[self.below(len(choices))]

    def hex_id(self) -> str:
        """32 lower-case hex digits, shaped as a version 4 UUID without dashes."""
        first = (self._state + _GAMMA) & _MASK
        self._state = second = (first + _GAMMA) & _MASK
        high = (_mix(first) & ~0xF000) | 0x4000
        low = (_mix(second) & ~(0b11 << 62)) | (0b10 << 62)
        return ((high << 64) | low).to_bytes(16, "big").hex()  # a third of a format's time

    def take_bytes(self, count: int) -> bytes:
        """So many random bytes."""
        words = (self.bits64().to_bytes(8, "little") for _ in range((count + 7) // 8))
        return b"".join(words)[:count]

    def as_random(self) -> Random:
        """A `random.Random` seeded from this stream, for libraries that ask for one (faker)."""
        return Random(self.bits64())  # noqa: S311 -- replayable by design
