"""How a stand-in is set up: its keys and numbers, how its messages live, how much it remembers."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

import msgspec

from mockatell.clickatell.lifecycles import lifecycle
from mockatell.clickatell.standin.messages import Kind
from mockatell.clickatell.standin.numbers import DIGITS, MSISDN, SENDER
from mockatell.clickatell.standin.refusals import RULES
from mockatell.clickatell.statuses import CHANNELS, SMS, WHATSAPP
from mockatell.clickatell.values import BUSINESS
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

Count = Annotated[int, msgspec.Meta(ge=1)]
_NUMBER: Final = (MSISDN, "a number: 7 to 15 digits, no + or 0 before them (27999000001)")
_SENDER: Final = (SENDER, "a number, digits only, or a name of up to 11 letters and digits")
_FORMS: Final = {
    "business": (re.compile("[0-9]{1,15}"), "a number: digits only (27999900001)"),
    "numbers": _SENDER,
    "suspended": _SENDER,
    "registered": _NUMBER,
    "magic_prefix": (DIGITS, "how a number begins: digits only, or nothing"),
    "currency": (re.compile("[A-Z]{3}"), "a currency: three capitals (USD)"),
}


class StandinSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one integration on the platform is like.

    Args:
        api_keys: Keys that are let in; none: any that is sent raw, without `Bearer`.
        business: The number that messages come from that name none; what users reply to.
        numbers: Numbers and names that `from` may be (else error 45); none: any.
        suspended: Those of them that are suspended (error 44).
        channels: What the integration has (else error 39).
        inactive: Channels and kinds of message (`media`, `template`...) that are off (error 38).
        refuse_with: Code of a global error that answers every request, or None.
        balance: What `GET /v1/balance` says.
        currency: Of the balance.
        sandbox: Whether messages end EMULATED, except to `registered` numbers.
        registered: Test phones of the sandbox.
        life_sms: The lifecycle of an SMS to a number that is not magic.
        life_whatsapp: The same on WhatsApp.
        pace: What the lifecycles' waits are multiplied by; 0 is at once.
        expires: `soon`: a message that expires does so within seconds; `validity`: after its
            validity period, and so does one that would stay QUEUED or sent.
        window: When WhatsApp's 24-hour window is taken for closed. `known`: only for numbers that
            have written before, as the stand-in cannot know what was before its own time;
            `strict`: also for numbers that never have; `off`: never.
        magic_prefix: What a number must begin with for its last three digits to be magic; "" is
            every number. The default is a part of the vendor's sample range that no made-up user
            is given.
        stop_words: What opts a user out, in any case.
        start_words: What opts a user in again, in any case.
        most_parts: Parts that an SMS may need (else error 100).
        keep_messages: Messages whose status is remembered; as many numbers, and opt-outs.
        keep_media: Bytes of uploaded media that are kept; the oldest file goes first.

    Raises:
        ConfigurationError: A channel, kind, lifecycle or error code does not exist; a number, name,
            currency or amount cannot be one.
    """

    api_keys: tuple[str, ...] = ()
    business: str = BUSINESS
    numbers: tuple[str, ...] = ()
    suspended: tuple[str, ...] = ()
    channels: tuple[str, ...] = CHANNELS
    inactive: tuple[str, ...] = ()
    refuse_with: int | None = None
    balance: float = 1000.0
    currency: str = "USD"
    sandbox: bool = False
    registered: tuple[str, ...] = ()
    life_sms: str = "delivered"
    life_whatsapp: str = "read"
    pace: Annotated[float, msgspec.Meta(ge=0)] = 0.1
    expires: Literal["soon", "validity"] = "soon"
    window: Literal["known", "strict", "off"] = "known"
    magic_prefix: str = "279999"
    stop_words: tuple[str, ...] = ("STOP",)
    start_words: tuple[str, ...] = ("START",)
    most_parts: Count = 35
    keep_messages: Count = 100_000
    keep_media: Count = 256 * 2**20

    def __post_init__(self) -> None:
        if wrong := next(self._malformed(), None):
            raise ConfigurationError(wrong)
        if unknown := set(self.channels) - set(CHANNELS):
            valid = ", ".join(CHANNELS)
            raise ConfigurationError(f"there is no channel {min(unknown)!r} (valid: {valid})")
        if unknown := set(self.inactive) - {*CHANNELS, *get_args(Kind)}:
            valid = ", ".join((*CHANNELS, *get_args(Kind)))
            raise ConfigurationError(f"there is no {min(unknown)!r} to be off (valid: {valid})")
        lifecycle(self.life_sms, SMS)
        lifecycle(self.life_whatsapp, WHATSAPP)
        if self.refuse_with is not None and self.refuse_with not in RULES:
            valid = ", ".join(map(str, RULES))
            raise ConfigurationError(f"the vendor has no error {self.refuse_with} (valid: {valid})")

    def _malformed(self) -> Iterator[str]:
        for name, (form, called) in _FORMS.items():
            given = getattr(self, name)
            for each in (given,) if isinstance(given, str) else given:
                if not form.fullmatch(each):
                    yield f"{name}: {each[:40]!r} is not {called}"
        for name, amount in (("balance", self.balance), ("pace", self.pace)):
            if not isfinite(amount) or amount < 0:
                yield f"{name}: {amount} is not a number of at least 0"

    def __repr__(self) -> str:
        hidden = msgspec.structs.asdict(self) | {"api_keys": f"<{len(self.api_keys)}>"}
        return f"StandinSettings({', '.join(f'{k}={v!r}' for k, v in hidden.items())})"

    def life(self, channel: str) -> str:
        """The lifecycle of an ordinary message."""
        return self.life_sms if channel == SMS else self.life_whatsapp
