"""What a clause works with: callbacks that follow from the seed, and what was ruled before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

import msgspec

from mockatell.clickatell.events import FALLBACK, ROLE_OF, STATUS, TYPING
from mockatell.clickatell.platform import Platform
from mockatell.clickatell.statuses import SMS, WHATSAPP
from mockatell.core.check.words import Clause, Ruling, Sending, Verdict
from mockatell.model import Callback, Endpoint, Frozen, Role
from mockatell.rng import Purpose, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.clickatell.platform import Conversation
    from mockatell.clickatell.quirks import Quirks

BASELINE: Final = {Role.STATUS: STATUS, Role.REPLY: "moText"}
"""The kind with which each endpoint is asked what is not about any kind."""

GAP_MS: Final = 1000  # between two events of a clause

# Nothing in them that a clause of its own tries: plain ASCII, every field filled.
_PLAIN_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "moText": {"content": "Yes please"},
    "moMedia": {"content_type": "image/jpeg", "size": 2_000, "caption": "As agreed"},
    "moLocation": {},
    "moContacts": {},
    "moSuggestedResponse": {"content": "Confirm", "postback_data": "confirm"},
    "moListPickerResponse": {"postback_data": "option-1"},
    "moButtonResponse": {"postback_data": "confirm", "item_content": "Confirm"},
}


class Form(NamedTuple):
    """One of the ways in which the platform may send a kind.

    Args:
        words: It, in a few words.
        channel: On which it comes.
        prompted: Whether a reply answers a message, of which the endpoint may know nothing.
        fields: What the event holds besides.
        quirks: Which side of the vendor's inconsistencies it shows.
    """

    words: str
    channel: str = WHATSAPP
    prompted: bool = True
    fields: Mapping[str, Any] = {}
    quirks: Mapping[str, Any] = {}


class Terms(Frozen, frozen=True):
    """What holds for a whole check.

    Args:
        seed: What every callback follows from.
        epoch_ms: When it began, Unix time in milliseconds.
        endpoints: The customer's, by role.
        in_process: Whether an app is called rather than a URL.
        one_by_one: Whether it can take only one request at a time.
        limits: Whether limits are to be looked for.
        message_id: Of a message that the endpoint knows; every other id is made up.
    """

    seed: int
    epoch_ms: int
    endpoints: dict[Role, Endpoint]
    in_process: bool = False
    one_by_one: bool = False
    limits: bool = True
    message_id: str | None = None


class Memory:
    """What the clauses so far have shown.

    Attributes:
        rulings: By clause.
        forms: The form in which a kind was acknowledged.
    """

    def __init__(self) -> None:
        self.rulings: dict[str, Ruling] = {}
        self.forms: dict[str, Form] = {}

    def broken(self, clause: str) -> bool:
        """Whether a clause was found broken."""
        ruling = self.rulings.get(clause)
        return ruling is not None and ruling.verdict is Verdict.BROKEN


class Bench:
    """Makes one clause's callbacks: the same ones for the same seed, epoch and clause.

    Args:
        clause: Whose bench it is.
        terms: What holds for the check.
        memory: What earlier clauses have shown.
        settings: The integration and its quirks.
    """

    def __init__(
        self, clause: Clause, terms: Terms, memory: Memory, settings: Mapping[str, Any]
    ) -> None:
        self.terms = terms
        self.memory = memory
        self.stream = Stream(terms.seed, Purpose.CHECK, crc32(clause.id.encode()))
        self._clause = clause
        self._settings = settings
        self._passed_ms = 0

    @property
    def role(self) -> Role:
        """The endpoint that the clause is about; of two, the first."""
        return self._clause.roles[0]

    @property
    def endpoint(self) -> Endpoint:
        """Likewise."""
        return self.terms.endpoints[self.role]

    def known_kinds(self) -> list[str]:
        """Kinds that the clause's endpoint has acknowledged."""
        return [kind for kind in self.memory.forms if ROLE_OF[kind] is self.role]

    def message(self, channel: str = WHATSAPP, **given: Any) -> Conversation:
        """A message from the business to a user."""
        return self._platform({}).conversation(
            self.stream, channel, **({"message_id": self.terms.message_id} | given)
        )

    def status(
        self,
        message: Conversation,
        name: str = "SENT_TO_SUPPLIER",
        *,
        code: int | None = None,
        ago: float = 0.0,
        quirks: Mapping[str, Any] = {},
    ) -> Callback:
        """A status of a message, `ago` seconds before it is due."""
        return self._platform(quirks).status(message, name, self._now_ms(ago), code)

    def event(
        self, kind: str, form: Form, *, ago: float = 0.0, user: str | None = None, **fields: Any
    ) -> Callback:
        """An event of a kind, in a form, about a message of its own to a user of its own."""
        channel = form.channel
        message = self.message(channel, user=user)
        platform, at_ms = self._platform(form.quirks), self._now_ms(ago)
        if kind == STATUS:
            return platform.status(message, "SENT_TO_SUPPLIER", at_ms)
        if kind == TYPING:
            return platform.typing(message, at_ms)
        if kind == FALLBACK:
            return platform.fallback(message, at_ms)
        plain = {"profile_name": "Robin", "referral": False} if channel == WHATSAPP else {}
        given = _PLAIN_FIELDS[kind] | plain | dict(form.fields) | fields
        return platform.reply(
            kind, message, at_ms, self.stream, given, prompted=form.prompted
        )  # fmt: skip

    def usual(self, kind: str, **told: Any) -> Callback:
        """An event of a kind in the form that was acknowledged before."""
        return self.event(kind, self.form_of(kind), **told)

    def form_of(self, kind: str, **changed: Any) -> Form:
        """The form of `usual`, changed."""
        return self.memory.forms.get(kind, FORMS[kind][0])._replace(**changed)

    def plain(self, what: str = "", *, role: Role | None = None, **told: Any) -> Sending:
        """The plainest callback of an endpoint; the clause's own, if none is named."""
        kind = BASELINE[role or self.role]
        return Sending(self.usual(kind, **told), what or f"a plain {kind}")

    def _platform(self, quirks: Mapping[str, Any]) -> Platform:
        own: Quirks = self._settings["quirks"]
        changed = msgspec.structs.replace(own, **quirks) if quirks else own
        return Platform(**{**self._settings, "quirks": changed})

    def _now_ms(self, ago: float) -> int:
        self._passed_ms += GAP_MS
        return self.terms.epoch_ms + self._passed_ms - int(ago * 1000)


_PROMPTED = Form("on WhatsApp, an answer to a message")
_UNPROMPTED = Form("on WhatsApp, unprompted", prompted=False)
_BY_REFERENCE, _INLINE = {"by": "reference"}, {"by": "inline"}

FORMS: Final[dict[str, tuple[Form, ...]]] = {
    "moText": (
        _PROMPTED,
        _UNPROMPTED,
        Form("by SMS, an answer to a message", SMS),
        Form("by SMS, unprompted", SMS, prompted=False),
    ),
    "moMedia": (
        Form("by reference", fields=_BY_REFERENCE),
        Form("inline", fields=_INLINE),
        Form("by reference, unprompted", prompted=False, fields=_BY_REFERENCE),
        Form("inline, unprompted", prompted=False, fields=_INLINE),
    ),
    "moLocation": (_PROMPTED, _UNPROMPTED),
    "moContacts": (_PROMPTED, _UNPROMPTED),
    "moSuggestedResponse": (_PROMPTED, _UNPROMPTED),
    "moListPickerResponse": (_PROMPTED, _UNPROMPTED),
    "moButtonResponse": (
        _PROMPTED,
        _UNPROMPTED,
        Form("its content null", quirks={"button_content": "null"}),
    ),
    STATUS: (Form("on WhatsApp"), Form("by SMS", SMS)),
    FALLBACK: (
        Form("its description a number", quirks={"fallback_description": "number"}),
        Form("its description a text", quirks={"fallback_description": "text"}),
    ),
    TYPING: (Form("on WhatsApp"),),
}
"""The forms of each kind, the plainest first."""
