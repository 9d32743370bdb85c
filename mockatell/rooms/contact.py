"""Whether anything listens where a live target should be: known from the first exchange on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.scenario.urls import masked
from mockatell.errors import ConfigurationError
from mockatell.model import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.model import Attempt, Endpoint, Role


class Contact:
    """Sees the attempts of one test at a live target.

    Args:
        endpoints: Where the callbacks of each role go.
    """

    def __init__(self, endpoints: Mapping[Role, Endpoint]) -> None:
        self._endpoints = endpoints
        self._made: set[Role] = set()

    def see(self, attempt: Attempt) -> None:
        """Look at an attempt that has ended.

        A server that goes away later is the test's business; one that was never there is not.

        Raises:
            ConfigurationError: It is the first at its endpoint, and no connection came about.
        """
        trouble = attempt.trouble
        if attempt.role in self._made or trouble is Trouble.OUTAGE:
            return
        if trouble is None or trouble.connected:
            self._made.add(attempt.role)
            return
        raise ConfigurationError(
            f"nothing can be reached at {masked(self._endpoints[attempt.role].url)}: "
            f"{attempt.detail} (start the app before anything is sent, or mend the URL)"
        )
