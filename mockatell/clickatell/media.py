"""The media that users send: real files that follow from their file id alone.

A file id looks like the platform's, `<uuid>-1.jpeg`. Its extension says the type, the last seven
hex digits of its UUID the size, so whoever sees a `downloadUrl` can make the same bytes again.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from mockatell.clickatell import formats
from mockatell.errors import InputError
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.rng import Stream

LEAST: Final = 1_000
"""The smallest file, in bytes; each type could be smaller, by a little that hangs on its name."""

MOST: Final = 16 * 2**20
"""The largest file, in bytes: what the vendor takes inline for sound and film."""

_WRITERS: Final[dict[str, tuple[str, Callable[[str, int], bytes]]]] = {
    "image/jpeg": ("jpeg", formats.jpeg),
    "image/png": ("png", formats.png),
    "application/pdf": ("pdf", formats.pdf),
    "audio/ogg": ("ogg", formats.ogg),
    "video/mp4": ("mp4", formats.mp4),
}
_TYPES: Final = {extension: name for name, (extension, _) in _WRITERS.items()}
_FILE_ID: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{5}([0-9a-f]{7})-1\.([0-9a-z]+)"
)
_USUAL: Final = (2_000, 40_000)  # sizes when none is asked for: small, so that runs stay quick

CONTENT_TYPES: Final = tuple(_WRITERS)
"""The types that can be made."""


class Media(Frozen, frozen=True):
    """One file.

    Args:
        file_id: Says type and size, and makes the file unlike any other.
        content_type: Its media type.
        body: Its bytes.
    """

    file_id: str
    content_type: str
    body: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, 64 lower-case hex digits."""
        return hashlib.sha256(self.body).hexdigest()


def draw_file_id(stream: Stream, content_type: str, size: int | None = None) -> str:
    """A file id for a new file of this type, of `size` bytes or of a usual size.

    Raises:
        InputError: The type cannot be made, or not in this size.
    """
    if content_type not in _WRITERS:
        raise InputError(f"no media of type {content_type!r} (known: {', '.join(CONTENT_TYPES)})")
    digits = stream.hex_id()
    if size is None:
        size = round(stream.uniform(*_USUAL))
    if not LEAST <= size <= MOST:
        raise InputError(f"media of {size} bytes cannot be made (from {LEAST:,} to {MOST:,} can)")
    uuid = f"{digits[:25]}{size:07x}"
    parts = (uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:])
    return f"{'-'.join(parts)}-1.{_WRITERS[content_type][0]}"


def media_for(file_id: str) -> Media | None:
    """The file of this id, the same bytes every time; None for an id that is not one of ours."""
    match = _FILE_ID.fullmatch(file_id)
    if match is None or match[2] not in _TYPES:
        return None
    content_type, size = _TYPES[match[2]], int(match[1], 16)
    if not LEAST <= size <= MOST:
        return None
    _, write = _WRITERS[content_type]
    room = size - len(write(file_id, 0))
    return Media(file_id, content_type, write(file_id, room))
