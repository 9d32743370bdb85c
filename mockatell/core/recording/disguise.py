"""Made-up values for real ones: the same for the same one, and of the same shape.

What stands for what follows from a key. Whoever has the key can try out all numbers there are and
find those that were replaced, so it is never written down with them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from mockatell.clickatell.values import numbered_user
from mockatell.rng import Purpose, Stream

if TYPE_CHECKING:
    from collections.abc import Collection

_PEOPLE: Final = 900_000
_BUSINESSES: Final = 100_000
_WORD: Final = re.compile(r"\S+")
_EXTENSION: Final = re.compile(r"\.[a-z0-9]{1,4}")
_ALPHABETS: Final = (
    "aeiou",
    "bcdfghjklmnpqrstvwxyz",
    "AEIOU",
    "BCDFGHJKLMNPQRSTVWXYZ",
    "0123456789",
    "èéùìòäöñüàæøåß",  # those that an SMS can have without becoming a longer one
    "ÇØÅÆÉÄÖÑÜ",
)
_BLOCK: Final = 32  # neighbours in Unicode's tables are of one script
_PERSONAL: Final = ("L", "N", "So")  # letters, digits and pictures


class Disguise:
    """Replaces what is personal.

    Args:
        key: What stands for what follows from it.
        keep: Texts that stay as they are, whatever their case: words that the app looks for.
    """

    def __init__(self, key: int, keep: Collection[str] = ()) -> None:
        self._key = key
        self._kept = frozenset(text.strip().casefold() for text in keep)
        self._numbers: dict[str, str] = {}
        self._taken: set[str] = set()

    def number(self, number: str, *, business: bool = False) -> str:
        """A telephone number in the vendor's own sample range, +27 999; no two share one."""
        digits = "".join(filter(str.isdigit, number)) or number
        if digits not in self._numbers:
            at = self._stream("number", digits).below(_BUSINESSES if business else _PEOPLE)
            while (made := _business(at) if business else numbered_user(at)) in self._taken:
                at += 1
            self._taken.add(made)
            self._numbers[digits] = made
        return self._numbers[digits]

    def text(self, text: str) -> str:
        """As many characters of the same sorts: blanks, punctuation and scripts stay."""
        if text.strip().casefold() in self._kept:
            return text
        stream = self._stream("text", text)
        return "".join(_another(character, stream) for character in text)

    def name(self, name: str) -> str:
        """As `text`, word by word: a first name is the same one alone and before a last name."""
        return _WORD.sub(lambda word: self.text(word[0]), name)

    def file_name(self, name: str) -> str:
        """As `text`, with its extension."""
        stem, dot, extension = name.rpartition(".")
        if _EXTENSION.fullmatch(dot + extension):
            return self.text(stem) + dot + extension
        return self.text(name)

    def email(self, address: str) -> str:
        """An address under a name that is reserved for examples (RFC 2606)."""
        return f"{self._stream('email', address).hex_id()[:8]}@example.com"

    def url(self, url: str) -> str:
        """Likewise."""
        return f"https://www.example.com/{self._stream('url', url).hex_id()[:8]}"

    def degrees(self, degrees: str, limit: int) -> str:
        """A coordinate within `limit` degrees, somewhere else."""
        return f"{self._stream('degrees', degrees).uniform(-limit, limit):.6f}"

    def date(self, date: str) -> str:
        """A day in the last century, written `31.01.1980` where the other is, else `1980-01-31`."""
        stream = self._stream("date", date)
        year, month, day = 1950 + stream.below(50), 1 + stream.below(12), 1 + stream.below(28)
        return f"{day:02}.{month:02}.{year}" if "." in date else f"{year}-{month:02}-{day:02}"

    def _stream(self, what: str, value: str) -> Stream:
        text = f"{what} {value}".encode("utf-8", "surrogatepass")
        digest = blake2b(text, key=self._key.to_bytes(8, "big"), digest_size=8).digest()
        return Stream(self._key, Purpose.RECORD, int.from_bytes(digest, "big"))


def _business(number: int) -> str:
    return f"279999{number % _BUSINESSES:05d}"


def _another(character: str, stream: Stream) -> str:
    others = _others(character)
    return stream.pick(others) if others else character


@lru_cache(maxsize=4096)
def _others(character: str) -> str:
    """What may stand for a character; nothing where it says nothing of anybody."""
    alphabet = next((each for each in _ALPHABETS if character in each), None)
    if alphabet is None:
        if not unicodedata.category(character).startswith(_PERSONAL):
            return ""
        start = ord(character) // _BLOCK * _BLOCK
        near = map(chr, range(start, start + _BLOCK))
        alphabet = "".join(each for each in near if _sort(each) == _sort(character))
    return alphabet.replace(character, "") or "x"


def _sort(character: str) -> tuple[object, ...]:
    """What two characters must have in common to stand for each other."""
    return (
        unicodedata.category(character),
        unicodedata.bidirectional(character),
        unicodedata.normalize("NFC", character) == character,
        len(character.encode("utf-8", "surrogatepass")),
    )
