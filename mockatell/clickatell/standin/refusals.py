"""The vendor's error codes: what each says, with which HTTP status, and at which level.

Source: https://docs.clickatell.com/channels/one-api/one-api-errors-table/
"""

from __future__ import annotations

import re
from typing import Final, Literal

from mockatell.model import Frozen

Level = Literal["global", "message", "both"]


class Rule(Frozen, frozen=True):
    """One row of the vendor's table.

    Args:
        code: The error's `code`.
        http: The HTTP status when nothing else was asked for in the same request.
        text: The error's `description`; what stands in brackets, and `xx`, is filled in.
        level: Whether it refuses the whole request, one message, or either.
    """

    code: int
    http: int
    text: str
    level: Level


RULES: Final[dict[int, Rule]] = {
    rule.code: rule
    for rule in (
        Rule(1, 401, "Invalid or missing integration API Key", "global"),
        Rule(2, 400, "Account is not active", "global"),
        Rule(3, 400, "Integration is not active", "global"),
        Rule(7, 401, "Originating IP address is not approved in your account", "global"),
        Rule(18, 500, "Internal error", "both"),
        Rule(19, 503, "Internal error, please retry", "both"),
        Rule(20, 402, "Insufficient account balance", "message"),
        Rule(21, 400, "Payload data is malformed", "global"),
        Rule(22, 400, "Maximum messages per request payload exceeded", "global"),
        Rule(23, 400, "Invalid or missing parameter: (parameter name)", "message"),
        Rule(24, 400, "Maximum message content size exceeded", "message"),
        Rule(25, 400, "Invalid recipient address: (MSISDN)", "message"),
        Rule(26, 400, "Recipient opted out", "message"),
        Rule(27, 400, "Recipient not available on channel", "message"),
        Rule(28, 400, "Recipient not available on sandbox", "message"),
        Rule(30, 400, "Content type not supported", "message"),
        Rule(31, 400, "Media file size exceeds limit of xx MB", "message"),
        Rule(32, 400, "Media payload size exceeds limit of xx MB", "message"),
        Rule(33, 400, "Media item not found", "message"),
        Rule(38, 400, "Channel/feature is not active on integration", "message"),
        Rule(39, 400, "Channel is not available on integration", "message"),
        Rule(40, 400, "Character set is not supported: (charset)", "message"),
        Rule(41, 400, "Resource does not exist", "global"),
        Rule(42, 400, "HTTP method is not supported on this resource", "global"),
        Rule(43, 400, "Rate limit", "both"),
        Rule(44, 400, "FROM number is suspended", "message"),
        Rule(45, 400, "FROM number is not related to integration", "message"),
        Rule(46, 400, "Demo access has expired", "message"),
        Rule(100, 400, "Maximum message parts exceeded", "message"),
        Rule(101, 400, "Destination does not support two-way messaging", "message"),
        Rule(110, 400, "USA country limit: must use two-way integration", "message"),
        Rule(
            111,
            400,
            "USA Country limit: must enable STOP/SUBSCRIBE commands on integration",
            "message",
        ),
    )
}
"""Every documented error, by code."""

_BLANK: Final = re.compile(r"\([^)]*\)|xx")
_LONGEST: Final = 100


class Refusal(Frozen, frozen=True):
    """One error as an answer carries it.

    Args:
        why: What is wrong, where the vendor's text does not say; never in an answer.
    """

    code: int
    description: str
    why: str = ""

    @property
    def http(self) -> int:
        """The HTTP status that goes with it."""
        return RULES[self.code].http


class Refused(Frozen, frozen=True):
    """A request, or one message of it, that was refused.

    Args:
        to: Its recipient, as given.
        client_message_id: The business's own id of it.
    """

    refusal: Refusal
    to: str | None = None
    client_message_id: str | None = None


def refuse(code: int, detail: object = "", why: str = "") -> Refusal:
    """The error of this code; `detail` fills the blank of its text, cut where it is too long."""
    text = RULES[code].text
    filled = _BLANK.sub(lambda _: str(detail)[:_LONGEST], text) if detail != "" else text
    return Refusal(code, filled, why[:_LONGEST])
