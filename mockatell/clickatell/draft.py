"""One MO event in the making: what is given of it, and how the rest is made up or sealed."""

from __future__ import annotations

from base64 import b64encode
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from mockatell.clickatell.events import ReferralInfo, WhatsAppContent
from mockatell.clickatell.statuses import WHATSAPP
from mockatell.clickatell.values import Inventor
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockatell.clickatell.encryption import LocalKeyService
    from mockatell.clickatell.quirks import Quirks
    from mockatell.rng import Stream

T = TypeVar("T")


class Draft(msgspec.Struct, kw_only=True, dict=True):
    """One reply in the making.

    Args:
        channel: `sms` or `whatsapp`; says what is made up.
        common: What every reply begins with, as arguments of `Reply`.
        fields: What the scenario says, without the fields that it leaves out.
        prompted: Whether it answers a message.
        stream: Chance for everything that is made up.
        quirks: Which side of the vendor's inconsistencies to show.
        media_base_url: Where media by reference is said to lie.
        encryption: The key service, or None when nothing can be encrypted.
    """

    channel: str
    common: dict[str, Any]
    fields: Mapping[str, Any]
    prompted: bool
    stream: Stream
    quirks: Quirks
    media_base_url: str
    encryption: LocalKeyService | None

    @cached_property
    def invent(self) -> Inventor:
        """What makes values up."""
        return Inventor(self.stream)

    def take(self, name: str, made_up: Callable[[], T]) -> T:
        """The field as given, or made up."""
        value: T | None = self.fields.get(name)
        return made_up() if value is None else value

    @property
    def charset(self) -> str:
        """The character set that the event names; the body is UTF-8 whatever it says."""
        return self.take("charset", lambda: "UTF-8")

    def whatsapp(self) -> WhatsAppContent | UnsetType:
        """The profile, and the advertisement that a first message may come from."""
        if self.channel != WHATSAPP:
            return UNSET
        return WhatsAppContent(
            profile_name=self.take("profile_name", self.invent.profile_name),
            referral_info=self._referral() if self._referred() else UNSET,
        )

    def _referred(self) -> bool:
        return self.take("referral", lambda: not self.prompted and self.stream.chance(0.2))

    def _referral(self) -> ReferralInfo:
        headline, content, number = self.invent.advertisement()
        return ReferralInfo(
            headline=headline,
            content=content,
            source_type="ad" if self.stream.chance(0.5) else "post",
            source_id=number,
            source_url=f"https://ads.example.com/{number}",
        )

    def seal(self, plain: bytes) -> bytes:
        """The content as it is to travel; when encrypted, the key joins the common fields.

        Raises:
            ConfigurationError: There is no key service.
        """
        if not self.fields.get("encrypted"):
            return plain
        if self.encryption is None:
            raise ConfigurationError("an encrypted reply needs a key service, and none was given")
        self.common["encryption_key"], sealed = self.encryption.seal(plain, self.stream)
        return sealed

    def seal_text(self, plain: str) -> str:
        """Text as it is to travel: as it is, or encrypted and in base64."""
        raw = plain.encode()
        sealed = self.seal(raw)
        return plain if sealed is raw else b64encode(sealed).decode()
