"""Media that was uploaded: what is taken, for how long it is kept, and how large it may be.

Limits: https://docs.clickatell.com/channels/one-api/supported-content-types
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from mockatell.model import Frozen

if TYPE_CHECKING:
    from mockatell.rng import Stream

MB: Final = 2**20
MOST_UPLOADED: Final = 30
"""Megabytes of an upload."""
MOST_INLINE: Final = 20
"""Megabytes of media inside a message."""
LIFE_MS: Final = 30 * 86_400_000
"""How long an upload can be sent."""

_LIMITS: Final = {"audio": 16, "document": 100, "image": 5, "video": 16}
_TYPES: Final = {
    "audio": ("audio/aac", "audio/amr", "audio/mp4", "audio/mpeg", "audio/ogg"),
    "document": (
        "application/msword",
        "application/pdf",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "text/plain",
    ),
    "image": ("image/jpeg", "image/jpg", "image/png"),
    "video": ("video/3gpp", "video/mp4"),
}
_LIMIT_OF: Final = {name: _LIMITS[sort] for sort, names in _TYPES.items() for name in names}
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
_EXTENSION: Final = re.compile(r"[0-9a-z]{1,10}")
UNKNOWN_TYPE: Final = "application/octet-stream"


def bare_type(content_type: str | None) -> str:
    """A media type without its parameters, in lower case; `application/octet-stream` for junk."""
    bare = (content_type or "").partition(";")[0].strip().lower()
    return bare if _TYPE.fullmatch(bare) else UNKNOWN_TYPE


def whatsapp_limit(content_type: str) -> int | None:
    """Megabytes of this type that WhatsApp takes; None for a type that it does not take."""
    return _LIMIT_OF.get(bare_type(content_type))


class Upload(Frozen, frozen=True):
    """One uploaded file.

    Args:
        file_id: What messages name it by.
        file_name: As given.
        content_type: Its media type.
        to: The only number that it may be sent to, or None for any.
        uploaded_ms: When, Unix time in milliseconds.
        sha256: Of its bytes, 64 lower-case hex digits.
        body: Its bytes.
    """

    file_id: str
    file_name: str
    content_type: str
    to: str | None
    uploaded_ms: int
    sha256: str
    body: bytes

    @property
    def expires_ms(self) -> int:
        """When it can be sent no more."""
        return self.uploaded_ms + LIFE_MS


def new_upload(
    stream: Stream, body: bytes, file_name: str, content_type: str, to: str | None, now_ms: int
) -> Upload:
    """An upload under a new id; its `-2` keeps it apart from the media that users send.

    The id of a type that cannot be sent ends in `.unsupported`, as integrators have seen.
    """
    digits = stream.hex_id()
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    _, dot, extension = file_name.lower().rpartition(".")
    if not dot or not _EXTENSION.fullmatch(extension):
        extension = "bin"
    if whatsapp_limit(content_type) is None:
        extension = "unsupported"
    file_id = f"{'-'.join(parts)}-2.{extension}"
    sha256 = hashlib.sha256(body).hexdigest()
    return Upload(file_id, file_name, content_type, to, now_ms, sha256, body)


class Uploads:
    """The newest files, up to `room` bytes in all."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._used = 0
        self._files: dict[str, Upload] = {}

    def add(self, upload: Upload) -> None:
        """Keep a file, and forget the oldest where there is no room for all."""
        self._files[upload.file_id] = upload
        self._used += len(upload.body)
        while self._used > self._room:
            oldest = self._files.pop(next(iter(self._files)))
            self._used -= len(oldest.body)

    def find(self, file_id: str, now_ms: int) -> Upload | None:
        """The file of this id, unless its time is over."""
        upload = self._files.get(file_id)
        return upload if upload is not None and now_ms < upload.expires_ms else None
