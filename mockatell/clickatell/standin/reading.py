"""Reading a request's JSON: as a whole, then each of its parts, so that one can be refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from mockatell.clickatell.standin.refusals import Refusal, refuse
from mockatell.clickatell.standin.shapes import place

if TYPE_CHECKING:
    from collections.abc import Callable

    from msgspec.json import Decoder

T = TypeVar("T")

MOST_PARTS: Final = 200
"""Messages in one request (documented)."""

_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NUMBER: Final = re.compile(r"[0-9]{1,40}")
_text: Final = msgspec.json.Decoder(str)
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeError, RecursionError)


def read_batch(
    body: bytes, parts_of: Callable[[bytes], list[msgspec.Raw]], part: Decoder[T]
) -> list[tuple[bytes, T | Refusal]] | Refusal:
    """The parts of a request, each as it came and as it was read, or why it is refused.

    Args:
        body: The whole request.
        parts_of: Finds the parts in it; may raise what msgspec's decoders do.
        part: Reads one part.
    """
    parts: list[tuple[bytes, T | Refusal]] = []
    try:
        body.decode()  # msgspec does not look into what it passes over
        raws = parts_of(body)
        if len(raws) > MOST_PARTS:
            return refuse(22)
        for raw in raws:
            read = _read(raw, part)
            parts.append((bytes(raw), read))
    except _UNREADABLE as wrong:
        return refuse(21, why=str(wrong))
    if not parts:
        return refuse(21, why="the list is empty")
    strays = (n for n, (each, _) in enumerate(parts) if not each.startswith(b"{"))
    stray = next(strays, None)
    return parts if stray is None else refuse(21, why=f"item {stray} of the list is no object")


def _read(raw: msgspec.Raw, part: Decoder[T]) -> T | Refusal:
    try:
        return part.decode(raw)
    except msgspec.ValidationError as wrong:
        return refuse(23, place(wrong), str(wrong))


def repeated(raw: bytes, names: tuple[str, ...]) -> dict[str, str | None]:
    """What an answer repeats of a part from `read_batch`: texts by field, None for all else.

    A number, which is refused, is a text as well: the answer has to say whom it is about.
    """
    known = _object.decode(raw)
    return {name: _text_or_none(known.get(name, b"null")) for name in names}


def _text_or_none(raw: msgspec.Raw | bytes) -> str | None:
    try:
        return _text.decode(raw)
    except msgspec.ValidationError:
        written = bytes(raw).decode()
        return written if _NUMBER.fullmatch(written) else None
