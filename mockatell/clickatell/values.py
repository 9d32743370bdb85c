"""What users write, are called and send when a scenario leaves it open: made up, never anyone's.

Numbers are from a range that no one is assigned, hosts are `example.com` and its like (RFC 2606).
Words, names and places are Faker's, fed from our stream; ids never are, because its word lists
change between releases.
"""

from __future__ import annotations

import struct
import threading
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from faker import Faker

    from mockatell.rng import Stream

BUSINESS: Final = "27999900001"
"""The two-way number of every made-up business."""

_USERS: Final = 900_000

_ANSWERS: Final = (
    "Yes please",
    "No thanks",
    "OK 👍",
    "Thank you! 🙏🏽",
    "👩‍👩‍👧‍👦❤️",  # joined and varied emoji: one picture, many code points
    "نعم، شكرًا جزيلاً",
    "תודה, נתראה ב-10:30",
    "Où êtes-vous ?\nJ'arrive à 18 h",
    'She said "now", C:\\temp & <b>50 %</b>',
    "はい、お願いします",
    "1",
)
_PROFILES: Final = ("🌻 Noor", "ליאור", "سارة", "J. O'Neill", "—", "Zoë 🇿🇦")
_CHOICES: Final = (
    ("confirm", "Confirm"),
    ("change-date", "Change the date"),
    ("talk-to-agent", "Talk to someone"),
    ("option-1", "Option 1"),
    ("cancel", "Cancel ❌"),
)
_NETWORKS: Final = (65501, 65507, 65510)


def user_number(stream: Stream) -> str:
    """A mobile number in the vendor's own sample range, +27 999, which no operator has."""
    return f"27999{stream.below(_USERS):06d}"


def numbered_user(number: int) -> str:
    """As `user_number`, another one for every number, up to a million of them."""
    return f"27999{number % _USERS:06d}"


class _FakerOfThread(threading.local):
    def __init__(self) -> None:
        from faker import Faker  # 70 ms that only a reply is to cost

        self.fake = Faker("en_US", use_weighting=False)


@cache
def _fakers() -> _FakerOfThread:
    return _FakerOfThread()


class Inventor:
    """Makes values up from one stream.

    Args:
        stream: The only source of chance.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    @cached_property
    def _fake(self) -> Faker:
        fake = _fakers().fake
        fake.random = self.stream.as_random()  # type: ignore[attr-defined]
        return fake

    def text(self) -> str:
        """What a user writes: a short answer in any script, or a sentence."""
        if self.stream.chance(0.5):
            return self.stream.pick(_ANSWERS)
        return self._fake.sentence(nb_words=8)

    def caption(self) -> str:
        """What a user writes under a picture."""
        return self._fake.sentence(nb_words=4)

    def profile_name(self) -> str:
        """What a user calls themself on WhatsApp: free text, any script."""
        return self.stream.pick(_PROFILES) if self.stream.chance(0.2) else self._fake.name()

    def network(self) -> int:
        """A mobile country and network code."""
        return self.stream.pick(_NETWORKS)

    def choice(self) -> tuple[str, str]:
        """What was tapped: its postback data and its title."""
        return self.stream.pick(_CHOICES)

    def company(self) -> str:
        """A company's name."""
        return self._fake.company()

    def address(self) -> str:
        """A postal address in one line."""
        fake = self._fake
        return f"{fake.street_address()}, {fake.city()}, {fake.state_abbr()}"

    def degrees(self, limit: int) -> str:
        """A coordinate within `limit` degrees, with the digits of a single float."""
        size = self.stream.uniform(1, limit)
        (single,) = struct.unpack("f", struct.pack("f", size))
        return f"{'-' if self.stream.chance(0.5) else ''}{single!r}"

    def advertisement(self) -> tuple[str, str, str]:
        """Headline, body and Facebook id of an advertisement."""
        number = 10**14 + self.stream.below(9 * 10**14)
        return self._fake.sentence(nb_words=3), self._fake.sentence(nb_words=8), str(number)

    def birthday(self, *, dotted: bool) -> str:
        """A date of birth, `1980-01-31` or `31.01.1980`."""
        year, month = 1950 + self.stream.below(55), 1 + self.stream.below(12)
        day = 1 + self.stream.below(28)
        return f"{day:02}.{month:02}.{year}" if dotted else f"{year}-{month:02}-{day:02}"

    def person(self) -> tuple[str, str]:
        """First and last name."""
        return self._fake.first_name(), self._fake.last_name()

    def email(self) -> str:
        """An address under a name that is reserved for examples."""
        return self._fake.safe_email()

    def place(self) -> dict[str, str]:
        """An address in the parts that the vendor's contact card has."""
        fake = self._fake
        return {
            "city": fake.city(),
            "country": "United States",
            "countryCode": "US",
            "state": fake.state_abbr(),
            "street": fake.street_address(),
            "type": "HOME",
            "zip": fake.postcode(),
        }
