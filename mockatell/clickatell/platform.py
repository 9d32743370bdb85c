"""The platform itself: it turns what happens to a message into the callback that reports it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from mockatell.clickatell import statuses
from mockatell.clickatell.draft import Draft
from mockatell.clickatell.events import (
    FALLBACK,
    STATUS,
    TYPING,
    WITH_BLANK,
    Event,
    FallbackStatus,
    TypingStatus,
)
from mockatell.clickatell.quirks import DEFAULT, Quirks
from mockatell.clickatell.replies import MAKERS, fields_of
from mockatell.clickatell.values import BUSINESS, user_number
from mockatell.errors import InputError
from mockatell.model import Callback, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.clickatell.encryption import LocalKeyService
    from mockatell.rng import Stream

MEDIA_BASE_URL: Final = "https://platform.clickatell.com"
_FELL_BECAUSE: Final = "RECIPIENT_DOES_NOT_EXIST"
_TO_STATUS: Final = Role.STATUS  # a global is found faster than a member of an enum
_encode: Final = msgspec.json.Encoder().encode


class Conversation(msgspec.Struct, frozen=True):
    """One message from the business to a user, and who the two are.

    Args:
        channel: `sms` or `whatsapp`.
        message_id: The platform's id of the message.
        client_message_id: The business's own id of it, or None when it gave none.
        user: The user's number, digits only.
        business: The business's number, digits only.
    """

    channel: str
    message_id: str
    client_message_id: str | None
    user: str
    business: str

    def on(self, channel: str) -> Conversation:
        """The same message after it fell back to another channel."""
        return msgspec.structs.replace(self, channel=channel)


class Platform:
    """Clickatell as one integration sees it.

    Everything here is a function of its arguments: the same ones give the same bytes.

    Args:
        integration_id: The envelope's `integrationId`, 32 hex digits on the real platform.
        integration_name: The envelope's `integrationName`.
        quirks: Which side of the vendor's inconsistencies to show.
        media_base_url: Where `downloadUrl` points; a stand-in serves it from the file id.
        encryption: The key service for replies that say `encrypted`.
    """

    def __init__(
        self,
        *,
        integration_id: str,
        integration_name: str,
        quirks: Quirks = DEFAULT,
        media_base_url: str = MEDIA_BASE_URL,
        encryption: LocalKeyService | None = None,
    ) -> None:
        self._quirks = quirks
        self._media_base_url = media_base_url.rstrip("/")
        self._encryption = encryption
        key = _json(quirks.integration_key)
        named = b'"integrationName":' + _json(integration_name)
        self._head = b"{" + key + b":" + _json(integration_id) + b"," + named + b',"event":{'
        absent = quirks.no_client_message_id == "absent"
        self._without_client_id = b"}]}}" if absent else b',"clientMessageId":null}]}}'
        self._statuses: dict[tuple[str, str | int, int | None], tuple[bytes, bytes]] = {}

    def conversation(
        self,
        stream: Stream,
        channel: str,
        *,
        user: str | None = None,
        business: str | None = None,
        message_id: str | None = None,
        client_message_id: str | None = None,
        has_client_message_id: bool = True,
    ) -> Conversation:
        """A message from the business to a user; what is not given is drawn from the stream.

        Raises:
            InputError: A given value cannot be written in UTF-8.
        """
        if message_id or client_message_id or user or business:  # what is drawn can be written
            _json((message_id, client_message_id, user, business))
        if message_id is None:
            message_id = stream.hex_id()
        if client_message_id is None and has_client_message_id:
            client_message_id = stream.hex_id()
        if user is None:
            user = user_number(stream)
        if business is None:
            business = BUSINESS
        return Conversation(channel, message_id, client_message_id, user, business)

    def status(
        self, conversation: Conversation, status: str | int, at_ms: int, code: int | None = None
    ) -> Callback:
        """A `messageStatusUpdate`.

        Args:
            conversation: The message that it is about.
            status: A name or number of the status table; any name, when `code` is given.
            at_ms: When it happened, Unix time in milliseconds.
            code: The `statusCode` to send instead of the table's.

        Raises:
            InputError: The status is not known, or has no number.
        """
        # The load loop lives on this: what does not change is rendered once (0.4 us a call).
        key = (conversation.channel, status, code)
        try:
            head, tail = self._statuses[key]
        except KeyError:
            head, tail = self._statuses[key] = self._render(*key)
        message_id, client_id = conversation.message_id, conversation.client_message_id
        shown = _encode(message_id)
        if client_id is None:
            body = b"%b%d%b%b%b" % (head, at_ms, tail, shown, self._without_client_id)
        else:
            of_client = _encode(client_id)
            body = b'%b%d%b%b,"clientMessageId":%b}]}}' % (head, at_ms, tail, shown, of_client)
        return Callback(_TO_STATUS, STATUS, message_id, body)

    def _render(self, channel: str, status: str | int, code: int | None) -> tuple[bytes, bytes]:
        """The parts of a status callback's body before its time and before its message id."""
        name, number = self._named(status, code)
        head = b'%b"%b":[{"channel":%b,"timestamp":' % (
            self._head, STATUS.encode(), _json(self._channel(channel, STATUS)),
        )  # fmt: skip
        return head, b',"statusCode":%d,"status":%b,"messageId":' % (number, _json(name))

    def _named(self, status: str | int, code: int | None) -> tuple[str, int]:
        """The name and number of a status as given."""
        row = statuses.find(status, self._quirks)
        name = status if row is None else row.name
        number = code if code is not None or row is None else row.code
        if not isinstance(name, str) or (row is None and number is None):
            raise InputError(f"there is no status {status!r}{_nearest(str(status))}")
        if number is None:
            raise InputError(
                f"the number of status {name} is not documented: give it as `code`,"
                " or in `quirks.status_codes`"
            )
        return name, number

    def typing(self, conversation: Conversation, at_ms: int) -> Callback:
        """A `statusIsTyping`: the user of the conversation is writing."""
        channel = self._channel(conversation.channel, TYPING)
        event = TypingStatus(channel=channel, timestamp=at_ms, from_=conversation.user)
        return Callback(Role.STATUS, TYPING, "", self._body(TYPING, event))

    def fallback(self, conversation: Conversation, at_ms: int) -> Callback:
        """A `messageFallback`: the message is about to go over another channel.

        Call it with the channel that the message leaves; what it holds is assumed (row
        `fallback-content`), as the vendor shows no example.
        """
        name, number = self._named(_FELL_BECAUSE, None)
        as_text = self._quirks.fallback_description == "text"
        event = FallbackStatus(
            channel=self._channel(conversation.channel, FALLBACK),
            timestamp=at_ms,
            status_description=_meaning(name) if as_text else number,
            status=name,
            message_id=conversation.message_id,
            client_message_id=self._client_id(conversation),
        )
        return Callback(Role.STATUS, FALLBACK, conversation.message_id, self._body(FALLBACK, event))

    def reply(
        self,
        kind: str,
        conversation: Conversation,
        at_ms: int,
        stream: Stream,
        fields: Mapping[str, Any] = {},
        *,
        prompted: bool = True,
    ) -> Callback:
        """An MO event of this kind from the user of the conversation.

        Args:
            kind: One of the seven `mo...` kinds.
            conversation: The message that it answers, or, unprompted, who writes to whom.
            at_ms: When the platform received it, Unix time in milliseconds.
            stream: Draws its id, and whatever the fields leave out.
            fields: What it is to hold, by the names of `fields_of(kind, channel)`; None counts
                as left out.
            prompted: Whether it answers the conversation's message; if not, the related ids are
                null.

        Raises:
            InputError: The kind, a field, or a field's value cannot be used.
            ConfigurationError: It is to be encrypted, and nothing is there to do it.
        """
        given = _checked(kind, conversation.channel, fields)
        message_id = given.pop("message_id", None)
        if message_id is None:
            message_id = stream.hex_id()
        if self._quirks.reply_timestamp == "seconds":
            at_ms -= at_ms % 1000
        draft = Draft(
            channel=conversation.channel,
            common={
                "channel": self._channel(conversation.channel, kind),
                "message_id": message_id,
                "related_message_id": conversation.message_id if prompted else None,
                "related_client_message_id": conversation.client_message_id if prompted else None,
                "from_": conversation.user,
                "to": conversation.business,
                "timestamp": at_ms,
            },
            fields=given,
            prompted=prompted,
            stream=stream,
            quirks=self._quirks,
            media_base_url=self._media_base_url,
            encryption=self._encryption,
        )
        return Callback(Role.REPLY, kind, message_id, self._body(kind, MAKERS[kind](draft)))

    def _body(self, kind: str, event: Event) -> bytes:
        return b'%b"%b":[%b]}}' % (self._head, kind.encode(), _json(event))

    def _channel(self, channel: str, kind: str) -> str:
        return f"{channel} " if self._quirks.channel_blank and kind in WITH_BLANK else channel

    def _client_id(self, conversation: Conversation) -> str | UnsetType | None:
        absent = self._quirks.no_client_message_id == "absent"
        missing = conversation.client_message_id is None
        return UNSET if absent and missing else conversation.client_message_id


def _json(value: object) -> bytes:
    try:
        return _encode(value)
    except UnicodeEncodeError as error:
        raise InputError(f"cannot be written in UTF-8: {error.object!r}") from error


def _checked(kind: str, channel: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are given, every one of which the kind takes."""
    if kind not in MAKERS:
        near = get_close_matches(kind, MAKERS, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise InputError(f"there is no kind of reply {kind!r}{hint}")
    given = {name: value for name, value in fields.items() if value is not None}
    if unknown := given.keys() - fields_of(kind, channel):
        takes = ", ".join(sorted(fields_of(kind, channel)))
        raise InputError(f"{kind} on {channel} takes no {min(unknown)!r} (it takes {takes})")
    _json(given)  # what cannot be written is said before anything is made of it
    return given


def _meaning(name: str) -> str:
    row = statuses.find(name)
    assert row is not None
    return row.meaning


def _nearest(word: str) -> str:
    near = get_close_matches(word.upper(), statuses.names(), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
