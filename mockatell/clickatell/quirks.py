"""The vendor's own inconsistencies, as switches; each is a row of the fidelity ledger."""

from __future__ import annotations

from typing import Final, Literal

import msgspec


class Quirks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which side of each inconsistency to show.

    Args:
        latitude: `latitute` is what the vendor's example has, `latitude` what its schema adds.
        network: `sms.network` is an integer in the schema and a string in the example.
        channel_blank: The trailing blank of the example's `"whatsapp "`.
        inline_hash: The schema gives inline media a `sha256Hash`; the example leaves it out.
        integration_key: One page of the vendor's spells the envelope's key with a capital D.
        fallback_description: `statusDescription` is an integer in the schema, of all things.
        no_client_message_id: How a status says that the message had no client message id.
        birthday: The schema asks for `1980-01-01`, the example has `01.01.1980`.
        button_content: A chosen button's `content` may be null, says the text of the example.
        reply_timestamp: Every example of an MO event has a time in whole seconds.
        status_codes: Numbers for statuses whose number is not documented, or to be changed.
    """

    latitude: Literal["both", "latitute", "latitude"] = "both"
    network: Literal["number", "text"] = "number"
    channel_blank: bool = False
    inline_hash: bool = True
    integration_key: Literal["integrationId", "integrationID"] = "integrationId"
    fallback_description: Literal["number", "text"] = "number"
    no_client_message_id: Literal["null", "absent"] = "null"
    birthday: Literal["iso", "dotted"] = "iso"
    button_content: Literal["text", "null"] = "text"
    reply_timestamp: Literal["milliseconds", "seconds"] = "milliseconds"
    status_codes: dict[str, int] = {}


DEFAULT: Final = Quirks()
"""What a scenario that names no quirk has."""
