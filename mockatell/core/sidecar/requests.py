"""What an app's request said of a message: as much of it as is kept to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from mockatell.core.sidecar.rows import MessageRow

MOST_KEPT: Final = 8_192
"""Bytes of a message's JSON that are kept; of a longer one, nothing."""
_LONGEST: Final = 1_000
_DEEPEST: Final = 20
_CUT: Final = "…"


def kept(raw: bytes, row: MessageRow) -> bytes | None:
    """A message's JSON as it came, texts cut after 1,000 characters.

    Empty where it says no more than its row does, as most do; None where it is too long even so.
    """
    try:
        request = _bounded(msgspec.json.decode(raw), _DEEPEST)
        if request == _told(row):
            return b""
        written = msgspec.json.encode(request)
    except msgspec.DecodeError:  # a number of no size, where the platform does not look
        return None
    return written if len(written) <= MOST_KEPT else None


def request_of(row: MessageRow) -> Any:
    """The request again; None of what a user wrote, and where it was not kept."""
    if row.request is None:
        return None
    return msgspec.json.decode(row.request) if row.request else _told(row)


def _told(row: MessageRow) -> dict[str, str | None]:
    """The request of which a row says everything."""
    told = {"channel": row.channel, "to": row.user, "content": row.content}
    own = row.client_message_id
    return told if own is None else told | {"clientMessageId": own}


def _bounded(value: Any, deep: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[:_LONGEST] + _CUT
    if not isinstance(value, dict | list):
        return value
    if not deep:
        return _CUT
    if isinstance(value, list):
        return [_bounded(each, deep - 1) for each in value]
    return {name: _bounded(each, deep - 1) for name, each in value.items()}
