"""How a stand-in is set up: its keys and numbers, how its messages live, how much it remembers."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from mockatell.clickatell.lifecycles import lifecycle
from mockatell.clickatell.standin.messages import Kind
from mockatell.clickatell.standin.refusals import RULES
from mockatell.clickatell.statuses import CHANNELS, SMS, WHATSAPP
from mockatell.clickatell.values import BUSINESS
from mockatell.errors import ConfigurationError

Count = Annotated[int, msgspec.Meta(ge=1)]


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
        ConfigurationError: A channel, kind, lifecycle or error code does not exist.
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
        if unknown := set(self.channels) - set(CHANNELS):
            raise ConfigurationError(f"there is no channel {min(unknown)!r}")
        if unknown := set(self.inactive) - {*CHANNELS, *get_args(Kind)}:
            valid = ", ".join((*CHANNELS, *get_args(Kind)))
            raise ConfigurationError(f"there is no {min(unknown)!r} to be off (valid: {valid})")
        lifecycle(self.life_sms, SMS)
        lifecycle(self.life_whatsapp, WHATSAPP)
        if self.refuse_with is not None and self.refuse_with not in RULES:
            raise ConfigurationError(f"the vendor has no error {self.refuse_with}")

    def __repr__(self) -> str:
        hidden = msgspec.structs.asdict(self) | {"api_keys": f"<{len(self.api_keys)}>"}
        return f"StandinSettings({', '.join(f'{k}={v!r}' for k, v in hidden.items())})"

    def life(self, channel: str) -> str:
        """The lifecycle of an ordinary message."""
        return self.life_sms if channel == SMS else self.life_whatsapp
