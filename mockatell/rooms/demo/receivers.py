"""Two receivers of Clickatell callbacks: one as they are often written, one as the contract asks.

Both acknowledge everything with 200. Only a look at their state tells them apart:
`GET /messages/{messageId}` gives a message's status, and how many answers its sender got.
"""

from __future__ import annotations

from typing import Any

import msgspec

Event = dict[str, Any]
UNKNOWN: dict[str, Any] = {"error": "no such message"}


class Naive:
    """Believes that callbacks come once and in order: the last one wins, all are counted."""

    def __init__(self) -> None:
        self.statuses: dict[str, Event] = {}
        self.answers: dict[str, int] = {}

    def receive(self, body: bytes) -> None:
        """Work through one callback."""
        for kind, events in msgspec.json.decode(body)["event"].items():
            for event in events:
                self.take(kind, event)

    def take(self, kind: str, event: Event) -> None:
        """Work through one event; kinds that are not known are passed over."""
        if kind == "messageStatusUpdate":
            self.statuses[event["messageId"]] = event
        elif kind == "moText":
            self.answer(event)

    def answer(self, event: Event) -> None:
        """Send the person an answer (here: count it)."""
        self.answers[event["messageId"]] = self.answers.get(event["messageId"], 0) + 1

    def show(self, message_id: str) -> dict[str, Any] | None:
        """What is known of a message, or None."""
        if message_id in self.answers:
            return {"messageId": message_id, "answers": self.answers[message_id]}
        if message_id in self.statuses:
            return {"messageId": message_id, "status": self.statuses[message_id]["status"]}
        return None


class Guarded(Naive):
    """Keeps the status with the newest timestamp, and answers a message once."""

    def take(self, kind: str, event: Event) -> None:
        """Work through one event, unless it is older than what is known, or known already."""
        if kind == "messageStatusUpdate" and self._is_late(event):
            return
        if kind == "moText" and event["messageId"] in self.answers:
            return
        super().take(kind, event)

    def _is_late(self, event: Event) -> bool:
        known = self.statuses.get(event["messageId"])
        return known is not None and bool(known["timestamp"] >= event["timestamp"])


def respond(receiver: Naive, method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Answer one request: status code and JSON body."""
    if method == "POST":
        try:
            receiver.receive(body)
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
            return 400, b'{"error":"not a Clickatell callback"}'
        return 200, b"{}"
    known = receiver.show(path.rpartition("/")[2])
    return (
        (404, msgspec.json.encode(UNKNOWN)) if known is None else (200, msgspec.json.encode(known))
    )


def as_asgi(receiver: Naive) -> Any:
    """The receiver as an ASGI app."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        status, answer = respond(receiver, scope["method"], scope["path"], body)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app
