"""What a query of a message's status is answered from."""

from __future__ import annotations

from typing import Any


class Records:
    """The last status of each message and channel, of the newest `keep` messages."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._of: dict[str, dict[str, tuple[str, int]]] = {}

    def add(self, message_id: str, channel: str, status: str, at_ms: int) -> None:
        """A message that exists from now on."""
        self._of[message_id] = {channel: (status, at_ms)}
        while len(self._of) > self._keep:
            del self._of[next(iter(self._of))]

    def update(self, message_id: str, status: str, at_ms: int, channel: str | None) -> None:
        """Something happened to it; news that are older than what is known are passed over.

        Without a channel it is the one that the message was sent on. A message that is not known,
        or no more, stays so.
        """
        known = self._of.get(message_id)
        if known is None:
            return
        channel = channel or next(iter(known))
        if channel not in known or known[channel][1] <= at_ms:
            known[channel] = (status, at_ms)

    def answer(self, message_id: str, now_ms: int) -> dict[str, Any]:
        """The body of `GET /v1/message/{id}`: keyed by channel, or, for an unknown id, not."""
        known = self._of.get(message_id)
        if known is None:
            return {"status": "UNKNOWN", "timestamp": now_ms}
        return {
            channel: {"status": status, "timestamp": at_ms}
            for channel, (status, at_ms) in known.items()
        }
