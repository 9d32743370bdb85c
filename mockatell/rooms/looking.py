"""Looks at the customer's state in a test: by a callable, or over HTTP from the same target."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import httpx
import msgspec

from mockatell.clickatell.reading import FACTS
from mockatell.core.differences import shown
from mockatell.core.oracle import fill, subjects
from mockatell.core.picking import PickError, picker
from mockatell.core.scenario.near import suggestion
from mockatell.core.schedules import GAP
from mockatell.errors import ConfigurationError
from mockatell.model import Cause, Delivery

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockatell.core.casting import Cast
    from mockatell.core.oracle import Subject
    from mockatell.model import Callback
    from mockatell.rooms.players import Player

State: TypeAlias = Callable[[Mapping[str, str]], Any] | str
Normalise: TypeAlias = Callable[[Any], Any] | str

_LOOK: Final = (
    "a URL such as '/messages/{messageId}', or a function of one argument, the ids of a message "
    f"({', '.join(FACTS)}), as in state=lambda ids: status_of(ids['messageId'])"
)
_NORMALISE: Final = "a JMESPath expression, or a function of one argument, what was seen"
_BRACES: Final = re.compile(r"\{(\w*)\}")
_APP: Final = "http://testserver"
_SUCCESS: Final = range(200, 300)


def check_looks(state: object, normalise: object) -> None:
    """See that the state can be looked at in this way.

    Raises:
        ConfigurationError: It cannot.
    """
    if isinstance(state, str):
        for name in _BRACES.findall(state):
            if name not in FACTS:
                raise ConfigurationError(
                    f"state: nothing is known as {{{name}}} ({suggestion(name, FACTS)})"
                )
    else:
        check_callable("state", state, _LOOK, {})
    if normalise is not None and not isinstance(normalise, str):
        check_callable("normalise", normalise, _NORMALISE, None)


def check_callable(what: str, function: object, wanted: str, *arguments: object) -> None:
    """See that something is a plain function that can be called with these arguments.

    Raises:
        ConfigurationError: It is not.
    """
    if not callable(function):
        raise ConfigurationError(f"{what} is {wanted}; not {shown(function)}")
    if inspect.iscoroutinefunction(function):
        raise ConfigurationError(f"{what} is {wanted}; not a coroutine")
    try:
        signature = inspect.signature(function)
    except ValueError:  # something that is not written in Python does not say what it takes
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        raise ConfigurationError(f"{what} is {wanted}; this one takes {signature}") from None


class Eyes:
    """What sees the state of every message of a conversation.

    Args:
        player: Gets to the target.
        target: An app, or a URL that others are relative to.
        state: A callable that is given what is known of a message, or a URL template.
        normalise: What of a look is compared: a callable, or a JMESPath expression.
    """

    def __init__(
        self, player: Player, target: Any, state: State, normalise: Normalise | None
    ) -> None:
        self._player = player
        self._base = httpx.URL(target if isinstance(target, str) else _APP)
        self._state = state
        self._pick = _picker(normalise)

    def look(self, cast: Cast, callbacks: Sequence[Callback]) -> tuple[Any, list[str]]:
        """The state of every message, and why it could not be seen."""
        seen: dict[str, Any] = {}
        unseen: list[str] = []
        for subject in subjects(happened(cast, callbacks)):
            try:
                state = self._pick(cast.plain(self._see(subject)))
            except (_UnseenError, PickError) as error:
                state = cast.uncast(str(error))
                unseen.append(state)
            about = subject.get("replyId") or subject.get("messageId") or subject.get("from", "")
            seen[cast.uncast(about)] = cast.plain(state)
        return next(iter(seen.values())) if len(seen) == 1 else seen, unseen

    def _see(self, subject: Subject) -> Any:
        state = self._state
        if isinstance(state, str):
            return self._fetch(state, subject)
        try:
            return state(subject)
        except Exception as error:
            raise _UnseenError(f"state raised {type(error).__name__}: {error}") from error

    def _fetch(self, template: str, subject: Subject) -> Any:
        try:
            url = self._base.join(fill(template, subject))
            response = self._player.fetch(str(url))
        except KeyError as error:
            raise _UnseenError(f"{template} needs {error.args[0]}, which is not known") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _UnseenError(f"{template}: {str(error) or type(error).__name__}") from None
        if response.status_code not in _SUCCESS:
            raise _UnseenError(f"{template} was answered {response.status_code}")
        try:
            return msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            return response.text


class _UnseenError(Exception):
    """A look at the state that saw nothing; what it says is compared in its place."""


def happened(cast: Cast, callbacks: Sequence[Callback]) -> Iterator[Delivery]:
    """The truth: every event once, by the message that it is about."""
    numbers: dict[str, int] = {}
    for rank, (event, callback) in enumerate(zip(cast.events, callbacks, strict=True)):
        number = numbers.setdefault(event.message_id or f" {rank}", len(numbers))
        yield Delivery(0, rank * GAP, Cause.ORIGINAL, callback, rank, conversation=number)


def _picker(normalise: Normalise | None) -> Callable[[Any], Any]:
    if normalise is None:
        return lambda state: state
    if callable(normalise):
        return normalise
    return picker(normalise, "normalise")
