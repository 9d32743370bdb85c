"""Asks a receiver what it did: for its own account of it, or for single messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from mockatell.core.load.effects import Verification, compared, read_account, sampled
from mockatell.core.scenario.urls import flaw, masked
from mockatell.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from mockatell.core.load.effects import Account, Ledger
    from mockatell.shell.clock import Clock

MOST_BYTES: Final = 256 * 1024 * 1024
SAMPLE: Final = 200
"""Messages that are asked for one by one."""

_ALL_LOST: Final = "every look was answered 404: is the URL right?"
_EVERY: Final = 0.25
_EXAMPLES: Final = 5
_NOT_FOUND: Final = 404
_PLACE: Final = "{messageId}"
_PATIENCE: Final = 30.0
_SHAPES: Final = (
    'write a number, {"count": 17}, an object of message ids with a number each, or an array of '
    "message ids with one entry for each effect"
)


class Accounts:
    """The receiver's accounts, from before a load and from afterwards.

    Args:
        url: Answers a GET with one, in a form that `read_account` knows.
        clock: When it is now.

    Attributes:
        url: Its URL.

    Raises:
        ConfigurationError: The URL cannot be used.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        if found := flaw(url):
            raise ConfigurationError(f"--receiver-count: the URL {found[0]} ({found[1]})")
        self.url = url
        self._clock = clock
        self._before: Account = 0

    def look(self) -> None:
        """Look before the load.

        Raises:
            InputError: What it answers is no account.
        """
        self._before = self._ask()

    def compare(self, ledger: Ledger, cut: int, within: float) -> Verification:
        """Compare with what was acknowledged.

        Args:
            ledger: That.
            cut: Exchanges that were cut off.
            within: Seconds in which effects may still come, where some are missing.
        """
        began = self._clock.now()
        while True:
            try:
                found = compared(ledger, self._before, self._ask(), cut)
            except InputError as error:
                return compared(ledger, self._before, self._before, cut).unsaid(str(error))
            waited = self._clock.now() - began
            if not found.lost or waited >= within:
                return found.seen(waited)
            self._clock.wait(self._clock.now() + _EVERY)

    def _ask(self) -> Account:
        try:
            with httpx.stream("GET", self.url, timeout=_PATIENCE) as response:
                response.raise_for_status()
                data = _read(response)
        except httpx.HTTPError as error:
            said = str(error).replace(self.url, masked(self.url)).partition("\n")[0]
            raise InputError(f"{masked(self.url)} gives no account of effects: {said}") from None
        try:
            return read_account(data)
        except InputError as error:
            raise InputError(f"{masked(self.url)}: {error} ({_SHAPES})") from None


def _read(response: httpx.Response) -> bytes:
    data = b""
    for part in response.iter_bytes():
        data += part
        if len(data) > MOST_BYTES:
            raise InputError("the account of effects is too long")
    return data


class Lookups:
    """Asks for messages that were acknowledged, a sample from the first to the last.

    A 2xx says that the receiver knows the message, a 404 that it is lost; all else says nothing.
    Nor does a 404 for every message: the URL is then more likely to be wrong.

    Args:
        url: With `{messageId}` where the id goes.
        clock: When it is now.

    Attributes:
        url: Its URL.

    Raises:
        ConfigurationError: The URL cannot be used.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        if _PLACE not in url:
            raise ConfigurationError(f"--probe: the URL has no {_PLACE} (write .../{_PLACE})")
        if found := flaw(url.replace(_PLACE, "x")):
            raise ConfigurationError(f"--probe: the URL {found[0]} ({found[1]})")
        if _PLACE in urlsplit(url).netloc:
            raise ConfigurationError(f"--probe: the URL has {_PLACE} in its host (name one host)")
        self.url = url
        self._clock = clock

    def look(self) -> None:
        """Look before the load: there is nothing to be asked for yet."""

    def compare(self, ledger: Ledger, cut: int, within: float) -> Verification:
        """See whether the messages are known.

        Args:
            ledger: What was acknowledged.
            cut: Exchanges that were cut off.
            within: Seconds in which those that are missing may still come.
        """
        began, taken = self._clock.now(), ledger.taken
        sample = sampled(taken, SAMPLE)
        found = Verification(ledger.acknowledged, ledger.possible + cut)
        if not sample:
            return msgspec.structs.replace(found, missing="no message was acknowledged")
        lost = sample
        with httpx.Client(timeout=_PATIENCE) as client:
            while True:
                try:
                    lost = [each for each in lost if not self._knows(client, each)]
                except InputError as error:
                    return msgspec.structs.replace(found, missing=str(error))
                waited = self._clock.now() - began
                if not lost or waited >= within:
                    break
                self._clock.wait(self._clock.now() + _EVERY)
        if len(lost) == len(sample):
            return found.unsaid(f"{masked(self.url)}: {_ALL_LOST}")
        examples = tuple(f"{each}: not known" for each in lost[:_EXAMPLES])
        return msgspec.structs.replace(
            found, lost=len(lost), looked_at=len(sample), messages=len(taken), examples=examples
        ).seen(waited)

    def _knows(self, client: httpx.Client, message_id: str) -> bool:
        url = self.url.replace(_PLACE, quote(message_id, safe=""))
        try:
            answer = client.get(url)
        except httpx.HTTPError as error:
            raise InputError(f"{masked(self.url)}: {type(error).__name__}") from None
        if not (answer.is_success or answer.status_code == _NOT_FOUND):
            raise InputError(f"{masked(self.url)} answered {answer.status_code}")
        return answer.is_success
