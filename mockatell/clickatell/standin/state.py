"""All that a stand-in remembers between requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.clickatell.standin.people import People
from mockatell.clickatell.standin.records import Records
from mockatell.clickatell.standin.uploads import Uploads
from mockatell.rng import Purpose, Stream

if TYPE_CHECKING:
    from mockatell.clickatell.encryption import LocalKeyService
    from mockatell.clickatell.standin.settings import StandinSettings


class State:
    """What handlers of requests read and change.

    Args:
        seed: What every id follows from, together with its running number.
        handed_out: How many ids were handed out before.
        keys: The key service that reads encrypted content, or None.
    """

    def __init__(
        self,
        settings: StandinSettings,
        seed: int,
        handed_out: int = 0,
        keys: LocalKeyService | None = None,
    ) -> None:
        self.settings = settings
        self.keys = keys
        self.people = People(settings.keep_messages)
        self.records = Records(settings.keep_messages)
        self.uploads = Uploads(settings.keep_media)
        self.handed_out = handed_out
        self._seed = seed

    def stream(self) -> Stream:
        """The stream of the next id."""
        self.handed_out += 1
        return Stream(self._seed, Purpose.SEND_API, self.handed_out)

    def new_id(self) -> str:
        """The next id: 32 hex digits."""
        return self.stream().hex_id()
