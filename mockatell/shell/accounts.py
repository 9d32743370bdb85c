"""Asks a receiver for its own account of what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from mockatell.core.load.effects import compared, read_account
from mockatell.core.scenario.urls import flaw, masked
from mockatell.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from mockatell.core.load.effects import Account, Ledger, Verification
    from mockatell.shell.clock import Clock

MOST_BYTES: Final = 256 * 1024 * 1024
_EVERY: Final = 0.25
_PATIENCE: Final = 30.0


class Accounts:
    """The receiver's accounts, from before a load and from afterwards.

    Args:
        url: Answers a GET with one, in a form that `read_account` knows.
        clock: When it is now.

    Raises:
        InputError: The URL cannot be used, or what it answers is no account.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        if found := flaw(url):
            raise ConfigurationError(f"--receiver-count: the URL {found[0]} ({found[1]})")
        self._url = url
        self._clock = clock
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
            if not found.lost or self._clock.now() - began >= within:
                return found
            self._clock.wait(self._clock.now() + _EVERY)

    def _ask(self) -> Account:
        try:
            with httpx.stream("GET", self._url, timeout=_PATIENCE) as response:
                response.raise_for_status()
                return read_account(_read(response))
        except httpx.HTTPError as error:
            said = str(error).replace(self._url, masked(self._url)).partition("\n")[0]
            raise InputError(f"{masked(self._url)} gives no account of effects: {said}") from None


def _read(response: httpx.Response) -> bytes:
    data = b""
    for part in response.iter_bytes():
        data += part
        if len(data) > MOST_BYTES:
            raise InputError("the account of effects is too long")
    return data
