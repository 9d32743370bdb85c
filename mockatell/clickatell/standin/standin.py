"""The stand-in for the One API: requests go in, answers and accepted messages come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.clickatell.encryption import require_cryptography
from mockatell.clickatell.standin.handled import refused_send
from mockatell.clickatell.standin.refusals import Refusal, refuse
from mockatell.clickatell.standin.routes import Resource, resource_at
from mockatell.clickatell.standin.settings import StandinSettings
from mockatell.clickatell.standin.state import State

if TYPE_CHECKING:
    from mockatell.clickatell.encryption import LocalKeyService
    from mockatell.clickatell.standin.handled import Handled
    from mockatell.clickatell.standin.uploads import Upload
    from mockatell.clickatell.standin.wire import ApiRequest


class Standin:
    """One integration's send side, without clock, network or disk.

    Whoever carries its HTTP gives `handle` each request and the time, lets every accepted message
    live its destiny, and says what happened: `happened` for a status, `received` for what a user
    wrote. The same seed and the same calls give the same ids.

    Args:
        settings: What the integration is like.
        seed: What all ids follow from.
        handed_out: Ids that were handed out before, to go on after a restart.
        keys: The key service that reads encrypted content; without one it is taken unread.

    Raises:
        ConfigurationError: There is a key service, and `cryptography` is not installed.
    """

    def __init__(
        self,
        settings: StandinSettings | None = None,
        *,
        seed: int = 0,
        handed_out: int = 0,
        keys: LocalKeyService | None = None,
    ) -> None:
        if keys is not None:
            require_cryptography()
        self.settings = settings or StandinSettings()
        self._state = State(self.settings, seed, handed_out, keys)

    @property
    def handed_out(self) -> int:
        """How many ids were handed out."""
        return self._state.handed_out

    def handle(self, request: ApiRequest, now_ms: int, *, full: bool = False) -> Handled:
        """Answer one request; never raises for what a request holds.

        Args:
            request: As it came.
            now_ms: Unix time in milliseconds.
            full: Whether no more messages are taken for now, which the vendor's table has no better
                word for than its rate limit (43).
        """
        found = resource_at(request.path)
        if found is None:
            return refused_send(refuse(41))
        resource, step = found
        answer = resource.methods.get(request.method)
        if answer is None:
            return resource.refuse(refuse(42))
        refusal = self._unwelcome(resource, request)
        if refusal is not None:
            return resource.refuse(refusal)
        if full and resource.sends:
            return resource.refuse(refuse(43))
        return answer(self._state, request, now_ms, step)

    def _unwelcome(self, resource: Resource, request: ApiRequest) -> Refusal | None:
        """Why a request is refused before it is read."""
        from_query = request.parameters.get("apiKey") if resource.key_in_query else None
        key = from_query if resource.key_in_query else request.header("authorization")
        if not self._known(key or ""):
            return refuse(1)
        code = self.settings.refuse_with
        return None if code is None else refuse(code)

    def _known(self, key: str) -> bool:
        """A key is one word: `Bearer` or `Basic` before it makes it a wrong one."""
        if self.settings.api_keys:
            return key in self.settings.api_keys
        return bool(key) and not any(each.isspace() for each in key)

    def happened(
        self, api_message_id: str, status: str, at_ms: int, channel: str | None = None
    ) -> None:
        """A message has got this status; on another channel than its own after a fallback."""
        self._state.records.update(api_message_id, status, at_ms, channel)

    def received(self, number: str, at_ms: int, content: str | None = None) -> None:
        """A user has written, which opens the 24-hour window; `STOP` and `START` do what they say.

        Args:
            number: The user's.
            at_ms: When, Unix time in milliseconds.
            content: The text, or None for anything else.
        """
        self._state.people.heard(number, at_ms)
        word = (content or "").strip().upper()
        if word in map(str.upper, self.settings.stop_words):
            self.opt_out(number)
        elif word in map(str.upper, self.settings.start_words):
            self.opt_in(number)

    def opt_out(self, number: str) -> None:
        """Refuse messages to this number with error 26 from now on."""
        self._state.people.opt_out(number)

    def opt_in(self, number: str) -> None:
        """Accept messages to this number again."""
        self._state.people.opt_in(number)

    def opted_out(self, number: str) -> bool:
        """Whether messages to this number are refused."""
        return self._state.people.opted_out(number)

    def forgotten(self) -> list[str]:
        """Users of whom nothing is known any more, since the last call."""
        return self._state.people.forgotten()

    def remember(self, api_message_id: str, channel: str, status: str, at_ms: int) -> None:
        """Know a message of an earlier life again, after a restart."""
        self._state.records.add(api_message_id, channel, status, at_ms)

    def keep(self, upload: Upload) -> None:
        """Have a file of an earlier life again, after a restart."""
        self._state.uploads.add(upload)
