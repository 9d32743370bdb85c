"""Clauses on what events hold: nulls, two spellings, media, any script, empty and long texts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mockatell.clickatell.events import FALLBACK, ROLE_OF, STATUS
from mockatell.clickatell.ledger.row import CALLBACKS, SEND
from mockatell.clickatell.media import CONTENT_TYPES
from mockatell.clickatell.statuses import SMS
from mockatell.core.check.bench import Form
from mockatell.core.check.judging import all_acknowledged
from mockatell.core.check.kinds import every_kind, one_kind
from mockatell.core.check.rows import baseline, kind_clause
from mockatell.core.check.words import Clause, Sending, Weight
from mockatell.model import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.core.check.bench import Bench
    from mockatell.core.check.words import Script

_LONGEST: Final = 4096  # characters of a WhatsApp text
_TEXTS: Final = {
    "emoji": "👩‍👩‍👧‍👦❤️ 👍🏽 🇿🇦",
    "Arabic, right to left": "نعم، شكرًا جزيلاً",
    "Hebrew with digits": "תודה, נתראה ב-10:30",
    "Japanese": "はい、お願いします",
    "Hindi": "हाँ, कृपया",
    "combining accents": "Ou\u0300 e\u0302tes-vous ?",
    "quotes, backslash, markup": 'She said "now", C:\\temp & <b>50 %</b> \'; --',
    "lines and a tab": "one\r\ntwo\n\tthree\u2028four",
}
_MANY_TYPES: Final = {
    "inline": [Form(f"{name}, inline", fields={"by": "inline", "content_type": name})
               for name in CONTENT_TYPES],
    "reference": [Form(f"{name}, by reference", fields={"by": "reference", "content_type": name})
                  for name in CONTENT_TYPES],
}  # fmt: skip
_NAME: Final = {"firstName": "Robin", "formattedName": "Robin", "lastName": ""}


def texts(bench: Bench, texts: dict[str, str]) -> Script:
    """Texts that hold these."""
    return (
        yield from all_acknowledged([
            Sending(bench.usual("moText", content=text), what) for what, text in texts.items()
        ])
    )  # fmt: skip


def client_ids(bench: Bench, quirk: str, what: str) -> Script:
    """Statuses of messages that were sent without a client message id."""
    message = bench.message(has_client_message_id=False)
    quirks = {"no_client_message_id": quirk}
    return (
        yield from all_acknowledged([
            Sending(bench.status(message, name, quirks=quirks), what)
            for name in ("SENT_TO_SUPPLIER", "DEVICE_ACK")
        ])
    )  # fmt: skip


def _shape(
    id_: str,
    kind: str,
    rule: str,
    forms: Sequence[Form],
    meaning: str,
    row: str = "",
    weight: Weight = Weight.CONTRACT,
    needs: tuple[str, ...] = (),
) -> Clause:
    """A kind that must be acknowledged in each of these forms."""

    def play(bench: Bench) -> Script:
        return one_kind(bench, kind, *forms)

    return Clause(
        id=id_,
        roles=(ROLE_OF[kind],),
        rule=rule,
        meaning=meaning,
        play=play,
        weight=weight,
        row=row,
        url="" if row else CALLBACKS,
        needs=(kind_clause(kind), *needs),
    )


def _text(
    id_: str,
    rule: str,
    given: dict[str, str],
    meaning: str,
    needs: tuple[str, ...] = (),
    **told: Any,
) -> Clause:
    return Clause(
        id=id_,
        roles=(Role.REPLY,),
        rule=rule,
        meaning=meaning,
        play=partial(texts, texts=given),
        needs=(kind_clause("moText"), *needs),
        **told,
    )


_TWO_SPELLINGS: Final = "The vendor's own pages disagree with each other here: take either."
_BOTH_SHAPES: Final = (
    "Media come inline (content, in base64) or by reference (files, each to be downloaded); which "
    "when is not said, and neither names itself. Look which of the keys is there."
)
_NULLABLE: Final = "The key is there and its value is null: allow for both that and for no key."

SHAPES: Final = (
    _shape("text-by-sms", "moText", "A text by SMS is acknowledged.",
           [Form("by SMS", SMS)],
           "SMS and WhatsApp come to the same endpoint; an SMS has the object sms and no profile.",
           "sms-or-whatsapp"),
    _shape("text-by-whatsapp", "moText", "A text on WhatsApp is acknowledged.",
           [Form("on WhatsApp")],
           "SMS and WhatsApp come to the same endpoint; WhatsApp has a profile and no sms object.",
           "sms-or-whatsapp"),
    Clause(
        id="unprompted-reply",
        roles=(Role.REPLY,),
        rule="Replies that answer nothing, their related ids null, are acknowledged.",
        meaning="People also write first. Then relatedMessageId and relatedClientMessageId are "
                "null: look nothing up by them.",
        row="related-ids-null",
        needs=(baseline(Role.REPLY),),
        play=partial(every_kind, prompted=False),
    ),
    Clause(
        id="reply-to-unknown-message",
        roles=(Role.REPLY,),
        rule="Replies to messages that you know nothing of are acknowledged.",
        meaning="The message may have been sent by another system of the integration, or long "
                "ago. An answer of 4xx or 5xx is retried, and in the end what was written is lost.",
        row="related-ids-always",
        needs=(baseline(Role.REPLY),),
        play=partial(every_kind, prompted=True),
    ),
    Clause(
        id="status-client-id-null",
        roles=(Role.STATUS,),
        rule="A status whose clientMessageId is null is acknowledged.",
        meaning=f"A message that was sent without one has none. {_NULLABLE}",
        row="no-client-message-id",
        needs=(baseline(Role.STATUS),),
        play=partial(client_ids, quirk="null", what="its clientMessageId is null"),
    ),
    Clause(
        id="status-client-id-absent",
        roles=(Role.STATUS,),
        rule="A status without a clientMessageId is acknowledged.",
        meaning=f"How the platform says that there is none is not documented. {_NULLABLE}",
        row="no-client-message-id",
        needs=(baseline(Role.STATUS),),
        play=partial(client_ids, quirk="absent", what="it has no clientMessageId"),
    ),
    _shape("button-content-null", "moButtonResponse",
           "A button whose content is null is acknowledged.",
           [Form("its content is null", quirks={"button_content": "null"})],
           "The vendor: content 'might be set to null on some channels'. Use postbackData.",
           "button-content"),
    _shape("location-latitute", "moLocation", "A location spelt `latitute` is acknowledged.",
           [Form("latitute alone", quirks={"latitude": "latitute"})],
           f"The vendor's example has latitute. {_TWO_SPELLINGS}", "location-latitude"),
    _shape("location-latitude", "moLocation", "A location spelt `latitude` is acknowledged.",
           [Form("latitude alone", quirks={"latitude": "latitude"})],
           f"The vendor's schema adds latitude. {_TWO_SPELLINGS}", "location-latitude"),
    _shape("media-inline", "moMedia", "Media inline, of every type, are acknowledged.",
           _MANY_TYPES["inline"], _BOTH_SHAPES, "media-inline-or-by-reference"),
    _shape("media-by-reference", "moMedia", "Media by reference, of every type, are acknowledged.",
           _MANY_TYPES["reference"],
           f"{_BOTH_SHAPES} Do not download before you have answered.",
           "media-inline-or-by-reference"),
    _shape("media-without-hash", "moMedia", "Inline media without a hash are acknowledged.",
           [Form("no sha256Hash", fields={"by": "inline"}, quirks={"inline_hash": False})],
           f"The schema gives inline media a sha256Hash, the examples have none. {_TWO_SPELLINGS}",
           "media-inline-hash", needs=("media-inline",)),
    _shape("sms-network", "moText", "An SMS whose network is a number or a text is acknowledged.",
           [Form("a number", SMS, quirks={"network": "number"}),
            Form("a text", SMS, quirks={"network": "text"})],
           f"sms.network is an integer in the schema, a string in the example. {_TWO_SPELLINGS}",
           "sms-network", needs=("text-by-sms",)),
    _shape("sms-parts", "moText", "The part of a long SMS, with its udh, is acknowledged.",
           [Form("part 1 of 2", SMS, fields={"udh": "0500030C0201"}),
            Form("part 2 of 2", SMS, fields={"udh": "0500030C0202"})],
           "A long SMS comes in parts, each an event with a user data header (udh) in hex.",
           "sms-parts", needs=("text-by-sms",)),
    _shape("fallback-description", FALLBACK,
           "A fallback whose statusDescription is a number or a text is acknowledged.",
           [Form("a number", quirks={"fallback_description": "number"}),
            Form("a text", quirks={"fallback_description": "text"})],
           f"statusDescription is an integer in the schema, of all things. {_TWO_SPELLINGS}",
           "fallback-description"),
    _shape("contact-birthday", "moContacts", "Birthdays in either form are acknowledged.",
           [Form("1980-01-31", quirks={"birthday": "iso"}),
            Form("31.01.1980", quirks={"birthday": "dotted"})],
           f"The schema asks for 1980-01-01, the example has 01.01.1980. {_TWO_SPELLINGS}",
           "contact-birthday"),
    _shape("contact-bare", "moContacts", "A contact of no more than a name is acknowledged.",
           [Form("a name only", fields={"contacts": [{"name": _NAME}]})],
           "People keep cards with a name and nothing else; the schema requires no more."),
    _shape("referral", "moText", "A text that comes from an advertisement is acknowledged.",
           [Form("with referralInfo", fields={"referral": True})],
           "The first message of a chat may come with the advertisement that it began at.",
           "referral", needs=("text-by-whatsapp",)),
    _text("non-ascii", "Texts in any script are acknowledged.", _TEXTS,
          "The body is UTF-8. What fails is mostly behind the handler: a column of three-byte "
          "utf8, a log in ASCII, a length in bytes.", row="compact-json"),
    _shape("empty-text", "moText", "An SMS without content is acknowledged.",
           [Form("an empty text", SMS, fields={"content": ""}),
            Form("a blank", SMS, fields={"content": " "})],
           "An SMS can be empty: there is no first word to look at.", needs=("text-by-sms",)),
    _text("long-text", "A text of 4,096 characters is acknowledged.",
          {"4,096 letters": "a" * _LONGEST, "4,096 emoji": "😀" * _LONGEST},
          "WhatsApp allows 4,096 characters, and an emoji has four bytes: mind your columns.",
          url=SEND, needs=("non-ascii",)),
    _text("null-character", "A text with the character U+0000 is acknowledged.",
          {"U+0000 in the middle": "a\x00b"},
          "JSON can carry it, and PostgreSQL's text cannot. An attacker who knows the URL will "
          "find out.", weight=Weight.ADVICE, url=CALLBACKS),
    _shape("channel-blank", STATUS, "A channel with a blank behind it is acknowledged.",
           [Form('"whatsapp "', quirks={"channel_blank": True})],
           "Some of the vendor's examples have it; real traffic is taken not to. Trim it.",
           "channel-blank", Weight.ADVICE),
    _shape("integration-key", STATUS, "An envelope that says integrationID is acknowledged.",
           [Form("integrationID", quirks={"integration_key": "integrationID"})],
           f"One page's prose has integrationID, all else integrationId. {_TWO_SPELLINGS}",
           "integration-key", Weight.ADVICE),
)  # fmt: skip
"""On replies, but for the last two, and on statuses."""
