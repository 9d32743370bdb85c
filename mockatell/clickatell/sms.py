"""Long SMS in parts: how many characters fit, and the user data header that ties parts together.

Numbers are those of 3GPP TS 23.038 (alphabets) and 23.040 (concatenation, 8-bit reference).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.errors import InputError
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # an escape and the character: two septets
_MOST_PARTS: Final = 255


class Part(Frozen, frozen=True):
    """One part of a long SMS.

    Args:
        content: Its share of the text.
        udh: Its user data header in upper-case hex, for example `050003AB0201`; "" when the
            text needs one part only.
    """

    content: str
    udh: str


def udh(reference: int, total: int, index: int) -> str:
    """The header of part `index` (from 1) of `total`; `reference` (0 to 255) is the same in all."""
    return f"050003{reference:02X}{total:02X}{index:02X}"


def parts(text: str, reference: int) -> tuple[Part, ...]:
    """A text as the parts in which a handset would send it.

    Raises:
        InputError: It needs more than 255 parts.
    """
    gsm = all(each in _BASIC or each in _EXTENDED for each in text)
    whole, room = (160, 153) if gsm else (70, 67)
    if sum(_units(each, gsm=gsm) for each in text) <= whole:
        return (Part(text, ""),)
    pieces = tuple(_cut(text, room, gsm=gsm))
    if len(pieces) > _MOST_PARTS:
        raise InputError(f"an SMS has at most {_MOST_PARTS} parts, this text needs {len(pieces)}")
    return tuple(
        Part(piece, udh(reference, len(pieces), index)) for index, piece in enumerate(pieces, 1)
    )


def _units(character: str, *, gsm: bool) -> int:
    """How many septets, or 16-bit units, a character takes: 1 or 2."""
    return 1 + (character in _EXTENDED if gsm else character > "\uffff")


def _cut(text: str, room: int, *, gsm: bool) -> Iterator[str]:
    start, used = 0, 0
    for position, character in enumerate(text):
        units = _units(character, gsm=gsm)
        if used + units > room:
            yield text[start:position]
            start, used = position, 0
        used += units
    yield text[start:]
