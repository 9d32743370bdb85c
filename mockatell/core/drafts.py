"""An event that has not happened yet.

A draft says what an event should hold. It becomes a callback when it is sent: then it gets its
time, and whatever it leaves out is drawn from the seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockatell.clickatell.events import FALLBACK, STATUS, TYPING
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.clickatell.lifecycles import Stage
    from mockatell.clickatell.platform import Conversation, Platform
    from mockatell.model import Callback
    from mockatell.rng import Stream


class Draft(Frozen, frozen=True):
    """An event that has not happened yet.

    Args:
        kind: One of the ten.
        channel: Where it happens.
        user: The person's number; drawn when None.
        business: The customer's number; drawn when None.
        message_id: Of the message that a status is about, or that a reply answers.
        client_message_id: The customer's own id of that message.
        prompted: Whether a reply answers a message.
        timestamp: Unix time in milliseconds; that of its sending when None.
        status: Name or number of the status.
        code: The number to send with it, when that is not the table's.
        fields: What a reply holds, by the names of a scenario's step.
        punctual: Whether it is not sent before its timestamp, where time is virtual.
    """

    kind: str
    channel: str
    user: str | None = None
    business: str | None = None
    message_id: str | None = None
    client_message_id: str | None = None
    prompted: bool = False
    timestamp: int | None = None
    status: str | int = ""
    code: int | None = None
    fields: Mapping[str, Any] = {}
    punctual: bool = False

    def happen(self, platform: Platform, stream: Stream, now_ms: int) -> Callback:
        """Make it a callback.

        Args:
            platform: Whose callback it is.
            stream: Draws what is left out.
            now_ms: Its time, unless it has one of its own.
        """
        at_ms = now_ms if self.timestamp is None else self.timestamp
        conversation = platform.conversation(
            stream,
            self.channel,
            user=self.user,
            business=self.business,
            message_id=self.message_id,
            client_message_id=self.client_message_id,
            has_client_message_id=not self.prompted,
        )
        if self.kind == STATUS:
            return platform.status(conversation, self.status, at_ms, self.code)
        if self.kind == TYPING:
            return platform.typing(conversation, at_ms)
        if self.kind == FALLBACK:
            return platform.fallback(conversation, at_ms)
        return platform.reply(
            self.kind, conversation, at_ms, stream, self.fields, prompted=self.prompted
        )


def draft_of(stage: Stage, about: Conversation, answer: Mapping[str, Any]) -> Draft:
    """A stage of a message's life as an event.

    Args:
        stage: What happens.
        about: The message.
        answer: What a reply holds.
    """
    kind = {"status": STATUS, "typing": TYPING, "fallback": FALLBACK}.get(stage.what, stage.name)
    is_reply = stage.what == "reply"
    return Draft(
        kind,
        stage.channel or about.channel,
        user=about.user,
        business=about.business,
        message_id=about.message_id,
        client_message_id=about.client_message_id,
        prompted=is_reply,
        status=stage.name,
        fields=answer if is_reply else {},
    )
