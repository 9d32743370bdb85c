"""The statuses of a One API message: number, name, meaning, channels, and where each was found.

Names and numbers are from the vendor's Message Status Table; names that only its newer lists have
stand in the order of those lists, and their numbers, where a gap suggests one, are inferred.
"""

from __future__ import annotations

from typing import Final, Literal

from mockatell.clickatell.quirks import DEFAULT, Quirks
from mockatell.model import Frozen

SMS: Final = "sms"
WHATSAPP: Final = "whatsapp"
CHANNELS: Final = (SMS, WHATSAPP)
_WA: Final = (WHATSAPP,)

Basis = Literal["documented", "inferred", "unknown", "setting"]


class Status(Frozen, frozen=True):
    """One row of the table.

    Args:
        code: The `statusCode`, or None when no number is known or guessed.
        name: The `status`.
        meaning: In a few words.
        channels: Where it occurs.
        final: Channels on which nothing is expected to follow it (inferred: not documented).
        basis: Where the number is from; `setting` is the user's own.
    """

    code: int | None
    name: str
    meaning: str
    channels: tuple[str, ...]
    final: tuple[str, ...]
    basis: Basis = "documented"

    @property
    def failing(self) -> bool:
        """Whether the message never reached its recipient for good."""
        return bool(self.final) and self.name not in _REACHED_OR_SIMULATED


_REACHED_OR_SIMULATED: Final = frozenset({"DEVICE_ACK", "READ", "EMULATED"})


def _failure(
    code: int | None,
    name: str,
    meaning: str,
    channels: tuple[str, ...] = _WA,
    basis: Basis = "documented",
) -> Status:
    return Status(code, name, meaning, channels, channels, basis)


STATUSES: Final[tuple[Status, ...]] = (
    Status(1, "UNKNOWN", "message not found (only as the answer to a query)", CHANNELS, ()),
    Status(2, "QUEUED", "accepted and waiting", CHANNELS, ()),
    Status(3, "SCHEDULED", "held for later delivery", CHANNELS, ()),
    Status(4, "SENT_TO_SUPPLIER", "handed to the carrier or to Meta", CHANNELS, ()),
    Status(5, "DEVICE_ACK", "on the handset", CHANNELS, (SMS,)),
    Status(6, "READ", "read by the recipient", _WA, _WA),
    _failure(20, "EXPIRED", "not delivered within its validity", CHANNELS),
    _failure(21, "STOPPED_BY_USER", "stopped by the user", CHANNELS),
    _failure(22, "STOPPED_BY_ADMIN", "stopped by an administrator", CHANNELS),
    _failure(23, "DELIVERY_FAILURE", "delivery failed", CHANNELS),
    Status(24, "EMULATED", "sandbox: not really delivered", CHANNELS, CHANNELS),
    _failure(25, "INSUFFICIENT_ACCOUNT_BALANCE", "not enough credit", CHANNELS),
    _failure(26, "VOLUME_LIMIT", "volume limit exceeded", CHANNELS),
    _failure(27, "VOLUME_LIMIT_DAILY", "daily volume limit exceeded", CHANNELS),
    _failure(28, "VOLUME_LIMIT_MONTHLY", "monthly volume limit exceeded", CHANNELS),
    _failure(29, "RECIPIENT_DOES_NOT_EXIST", "no such recipient on the channel", CHANNELS),
    _failure(30, "STOP_MARKETING_MESSAGES", "recipient wants no marketing", basis="inferred"),
    _failure(31, "EXCESSIVE_MESSAGES_TO_RECIPIENT", "too many to this recipient", basis="inferred"),
    _failure(None, "ANONYMOUS_USER_ID_INVALID", "user id is not valid", basis="unknown"),
    _failure(None, "ANONYMOUS_USER_ID_ERROR", "user id could not be used", basis="unknown"),
    _failure(60, "ENCRYPTION_ACCESS_DENIED", "the platform may not use the key", CHANNELS),
    _failure(61, "ENCRYPTION_CONTENT_ERROR", "content could not be decrypted", CHANNELS),
    _failure(62, "ENCRYPTION_VALIDATION_ERROR", "encryption not valid", CHANNELS, "inferred"),
    _failure(80, "MEDIA_NOT_FOUND", "media not found"),
    _failure(81, "MEDIA_SIZE_ERROR", "media too large"),
    _failure(82, "MEDIA_CHECKSUM_FAILURE", "media does not match its hash"),
    _failure(83, "MEDIA_REJECTED_BY_SUPPLIER", "media refused by the channel's supplier"),
    _failure(84, "MEDIA_METADATA_ERROR", "media's metadata missing or not matching"),
    _failure(85, "MEDIA_ACCESS_ERROR", "media may not be accessed"),
    _failure(86, "MEDIA_TYPE_NOT_SUPPORTED", "media type not supported", basis="inferred"),
    _failure(100, "ROUTING_ERROR", "no route to the number", (SMS,)),
    _failure(130, "WHATSAPP_ACCOUNT_PAYMENT_ISSUE", "WhatsApp account has a payment issue"),
    _failure(131, "WHATSAPP_RE_ENGAGEMENT_REQUIRED", "24 h since the last MO, no template"),
    _failure(132, "WHATSAPP_SPAM_RATE_LIMIT_REACHED", "too many, taken for spam"),
    _failure(133, "WHATSAPP_SERVER_RATE_LIMIT", "WhatsApp's own rate limit"),
    _failure(134, "WHATSAPP_HSM_NOT_AVAILABLE", "template not available"),
    _failure(
        135, "WHATSAPP_HSM_PARAM_COUNT_MISMATCH", "wrong number of parameters", basis="inferred"
    ),
    _failure(136, "WHATSAPP_HSM_IS_MISSING", "template missing", basis="inferred"),
    _failure(
        137, "WHATSAPP_HSM_DOWNLOAD_FAILED", "template could not be fetched", basis="inferred"
    ),
    _failure(138, "WHATSAPP_HSM_PACK_IS_MISSING", "template pack missing", basis="inferred"),
    _failure(139, "WHATSAPP_EXPERIMENTAL_NUMBER", "recipient is in an experiment of Meta's"),
    _failure(140, "WHATSAPP_TEMPLATE_TEXT_TOO_LONG", "template with parameters too long"),
    _failure(141, "WHATSAPP_TEMPLATE_FORMAT_MISMATCH", "template header has another format"),
    _failure(
        142,
        "WHATSAPP_TEMPLATE_FORMATTING_POLICY_VIOLATED",
        "template breaks the formatting policy",
        basis="inferred",
    ),
    _failure(
        143,
        "WHATSAPP_TEMPLATE_MEDIA_FORMAT_UNSUPPORTED",
        "template's media format not supported",
        basis="inferred",
    ),
    _failure(144, "WHATSAPP_PARAMETER_MISSING", "parameter missing", basis="inferred"),
    _failure(145, "WHATSAPP_PARAMETER_INVALID", "parameter not valid", basis="inferred"),
    _failure(146, "WHATSAPP_PARAMETER_NOT_REQUIRED", "parameter not wanted", basis="inferred"),
    _failure(147, "WHATSAPP_TEMPLATE_INVALID_URL", "template's URL not valid", basis="inferred"),
    _failure(
        148,
        "WHATSAPP_TEMPLATE_INVALID_PHONE_NUMBER",
        "template's phone number not valid",
        basis="inferred",
    ),
    _failure(
        149,
        "WHATSAPP_TEMPLATE_RECEIVER_NO_BUTTON_SUPPORT",
        "recipient's app shows no buttons",
        basis="inferred",
    ),
)
"""Every status that the vendor's tables and enums name, by number where there is one."""

_BY_NAME: Final = {status.name: status for status in STATUSES}

LEGACY: Final[dict[int, str]] = {
    1: "message unknown",
    2: "message queued",
    3: "delivered to gateway",
    4: "received by recipient",
    5: "error with message",
    6: "user cancelled message delivery",
    7: "error delivering message",
    8: "ok",
    9: "routing error",
    10: "message expired",
    11: "message queued for later delivery",
    12: "out of credit",
    14: "maximum MT limit exceeded",
}
"""The older Central API's numbers: 4 and 5 mean something else there, a frequent real bug.

Source: https://github.com/arnoesterhuizen/clickatell-overview-http
"""


def names() -> tuple[str, ...]:
    """Every status name, in the table's order."""
    return tuple(_BY_NAME)


def find(name_or_code: str | int, quirks: Quirks = DEFAULT) -> Status | None:
    """The status of this name or number, or None.

    `quirks.status_codes` changes numbers, and adds statuses that the table does not have.
    """
    if isinstance(name_or_code, int):
        return _find_code(name_or_code, quirks)
    status = _BY_NAME.get(name_or_code)
    code = quirks.status_codes.get(name_or_code)
    if code is None:
        return status
    if status is None:
        return Status(code, name_or_code, "named by quirks.status_codes", CHANNELS, (), "setting")
    return Status(code, status.name, status.meaning, status.channels, status.final, "setting")


def _find_code(code: int, quirks: Quirks) -> Status | None:
    named = (name for name, number in quirks.status_codes.items() if number == code)
    kept = (s.name for s in STATUSES if s.code == code and s.name not in quirks.status_codes)
    name = next(named, None) or next(kept, None)
    return None if name is None else find(name, quirks)
