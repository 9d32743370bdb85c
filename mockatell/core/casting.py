"""Who and what the events of a conversation are about: the same conversation under other ids.

Under fresh ids a conversation can be had again and again with an endpoint that forgets nothing; the
names by which the test knows them are put back into whatever is seen of its state.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockatell.clickatell.events import FALLBACK, STATUS
from mockatell.clickatell.values import user_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mockatell.core.drafts import Draft
    from mockatell.rng import Stream


class Cast:
    """Gives every event its ids, the same ones to events of the same message.

    Args:
        events: As the test wrote them.
        stream: Draws the ids.
        keep: Whether an id that the test gave stays as it is.
        numbers: For everybody, also whom the test gave a number; without them, that stays as it is,
            and who has none gets one drawn.
    """

    def __init__(
        self,
        events: Sequence[Draft],
        stream: Stream,
        *,
        keep: bool = False,
        numbers: Iterator[str] | None = None,
    ) -> None:
        self._stream = stream
        self._keep = keep
        self._drawn: dict[str, str] = {}
        self._numbers = numbers
        self._id("the user", self._number)  # drawn first, whoever comes first
        self.events = tuple(self._named(i, event) for i, event in enumerate(events))

    def _named(self, index: int, event: Draft) -> Draft:
        fields = dict(event.fields)
        message, client = event.message_id, event.client_message_id
        if event.kind in (STATUS, FALLBACK) or event.prompted:
            of = message or f"message {index}"
            message = self._given(message, of)
            client = self._given(client, client or f"the client's id of {of}")
        if event.kind.startswith("mo"):
            own = fields.get("message_id")
            fields["message_id"] = self._given(own, own or f"reply {index}")
        return replace(
            event,
            user=self._user(event.user),
            message_id=message,
            client_message_id=client,
            fields=fields,
        )

    def _user(self, given: str | None) -> str:
        if given is not None and (self._keep or self._numbers is None):
            return given
        return self._id(given or "the user", self._number)

    def _number(self) -> str:
        return user_number(self._stream) if self._numbers is None else next(self._numbers)

    def _given(self, given: str | None, name: str) -> str:
        if given is not None and self._keep:
            return given
        return self._id(name, self._stream.hex_id)

    def _id(self, name: str, draw: Callable[[], str]) -> str:
        if name not in self._drawn:
            self._drawn[name] = draw()
        return self._drawn[name]

    def uncast(self, text: str) -> str:
        """A text with the test's own names in it."""
        for name, drawn in self._drawn.items():
            if drawn in text:
                text = text.replace(drawn, name)
        return text

    def plain(self, value: Any) -> Any:
        """What was seen, as lists, mappings and scalars that do not change any more, uncast."""
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            value = dataclasses.asdict(value)
        if hasattr(value, "keys"):  # not only mappings: a row of sqlite3 has them, too
            return {self.plain(key): self.plain(value[key]) for key in value.keys()}  # noqa: SIM118
        match value:
            case None | bool() | int() | float():
                return value
            case str() | bytes():
                return self.uncast(
                    value if isinstance(value, str) else value.decode(errors="replace")
                )
            case set() | frozenset():
                return sorted(map(self.plain, value), key=repr)
            case list() | tuple():
                return [self.plain(item) for item in value]
            case _:
                return self.uncast(repr(value))
