"""What a schedule left behind, as plain data that two runs can be compared by.

It sees what probes get over HTTP or find in a database, what a function of the test's says, and the
messages that the app sent through a stand-in; ids become names again, and what is to be ignored is
left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from mockatell.clickatell.reading import FACTS
from mockatell.core.eyes import SENT, Eye
from mockatell.core.oracle import NOT_FOUND, picked, queries, questions, subjects
from mockatell.core.picking import PickError
from mockatell.core.scenario.urls import masked
from mockatell.errors import ConfigurationError
from mockatell.model import Frozen
from mockatell.rooms.explore.theatre import Look
from mockatell.rooms.looking import happened
from mockatell.shell.databases import Database, UnseenError
from mockatell.shell.probes import check_eyes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockatell.clickatell.standin import SentMessage
    from mockatell.core.casting import Cast
    from mockatell.core.oracle import Subject
    from mockatell.core.scenario.spec import ProbeSpec
    from mockatell.model import Callback
    from mockatell.rooms.explore.theatre import Sight

_SUCCESS: Final = range(200, 300)
_PATH: Final = re.compile(r"(?:[^.\[\]]+|\[(?:\*|\d+)\])(?:\.[^.\[\]]+|\[(?:\*|\d+)\])*")
_INDEX: Final = re.compile(r"\[\d+\]")


class Asked(Frozen, frozen=True):
    """A question that one look answers.

    Args:
        label: What is looked at, in words.
        look: How.
        jmespath: What of the answer counts; "" for all.
    """

    label: str
    look: Look
    jmespath: str = ""


class Seen(Frozen, frozen=True):
    """What was seen, and why parts of it were not."""

    state: Any
    unseen: tuple[str, ...] = ()


class Witness:
    """Sees the state of a conversation.

    Args:
        probes: What to get over HTTP, and what to ask databases.
        state: A function that is given the ids of a message, or None.
        sent: All messages that the app has sent so far, or None where nobody looks.
        ignore: Paths to leave out, as `updated_at`, `items[*].at`.
        normalise: What of a look is compared.

    Raises:
        ConfigurationError: A probe needs what is not installed.
    """

    def __init__(
        self,
        probes: Sequence[ProbeSpec] = (),
        *,
        state: Callable[[Mapping[str, str]], Any] | None = None,
        sent: Sequence[SentMessage] | None = None,
        ignore: Sequence[str] = (),
        normalise: Callable[[Any], Any] | None = None,
    ) -> None:
        for probe in probes:
            check_eyes(probe)
        bare = [replace(probe, json=msgspec.UNSET) for probe in probes]
        self._probes = [probe for probe in bare if probe.get]
        self._tables = [(probe, Database(probe.url)) for probe in bare if probe.sql]
        self._state = state
        self._outbox = None if sent is None else _Outbox(sent)
        for path in ignore:
            check_path(path)
        self._ignored = {_INDEX.sub("[*]", path): False for path in ignore}  # was it met?
        self._normalise = normalise or (lambda state: state)
        self._bare = len({urlsplit(probe.get)[:2] for probe in self._probes}) == 1

    @property
    def unmatched(self) -> list[str]:
        """The paths to leave out that were nowhere in what was seen."""
        return [path for path, met in self._ignored.items() if not met]

    @property
    def is_blind(self) -> bool:
        """Whether there is nothing that it could see."""
        return not self.eyes

    @property
    def eyes(self) -> frozenset[Eye]:
        """What it sees with, answers apart."""
        there = {
            Eye.PROBES: bool(self._probes or self._tables),
            Eye.STAND_IN: self._outbox is not None,
            Eye.FUNCTION: self._state is not None,
        }
        return frozenset(eye for eye, is_there in there.items() if is_there)

    def questions(self, cast: Cast, callbacks: Sequence[Callback]) -> list[Asked]:
        """What to look at over HTTP."""
        about = _subjects(cast, callbacks)
        return [
            Asked(
                self._label(cast, question.url),
                Look(question.url, tuple(probe.headers.items())),
                probe.jmespath,
            )
            for probe in self._probes
            for question in questions(probe, about)
        ]

    def seen(
        self,
        cast: Cast,
        callbacks: Sequence[Callback],
        asked: Sequence[Asked],
        sights: Sequence[Sight],
    ) -> Seen:
        """What there is to see now, given what the looks saw."""
        whole: dict[str, Any] = {}
        unseen: list[str] = []
        for question, sight in zip(asked, sights, strict=True):
            if why := _invisible(sight):
                unseen.append(f"{question.label} {why}")
            whole[question.label], why = self._part(cast, question.jmespath, _read(sight))
            unseen += [f"{question.label}: {why}"] if why else []
        self._ask_tables(cast, callbacks, whole, unseen)
        for subject in _subjects(cast, callbacks) if self._state is not None else ():
            about = subject.get("replyId") or subject.get("messageId") or subject.get("from", "")
            try:
                whole[cast.uncast(about)] = self._plain(cast, self._called(subject))
            except _UnknownError:
                continue
            except Exception as error:  # noqa: BLE001 -- a test's function may raise anything
                unseen.append(f"state raised {type(error).__name__}: {error}")
        if self._outbox is not None:
            users = {event.user or "" for event in cast.events}
            calls = [self._plain(cast, call) for call in self._outbox.to(users)]
            whole[SENT] = sorted(calls, key=repr)
        return Seen(whole, tuple(unseen))

    def _ask_tables(
        self, cast: Cast, callbacks: Sequence[Callback], whole: dict[str, Any], unseen: list[str]
    ) -> None:
        about = _subjects(cast, callbacks) if self._tables else []
        for number, (probe, database) in enumerate(self._tables, 1):
            for query in queries(probe, about):
                label = f"SQL {number}: {cast.uncast(str(query))}"
                try:
                    rows = database.rows(probe.sql, query.parameters)
                except UnseenError as error:
                    unseen.append(f"{label}: {error}")
                    continue
                whole[label], why = self._part(cast, probe.jmespath, rows)
                unseen += [f"{label}: {why}"] if why else []

    def _part(self, cast: Cast, jmespath: str, seen: Any) -> tuple[Any, str]:
        """What of a look counts, and why nothing of it does."""
        try:
            return self._plain(cast, picked(jmespath, seen)), ""
        except PickError as error:
            return self._plain(cast, seen), f"jmespath does not fit: {error}"

    def _called(self, subject: Subject) -> Any:
        """What the function says.

        Raises:
            _UnknownError: It asks for what this message does not have, as an answer has no
                `messageId` that nobody prompted.
        """
        assert self._state is not None
        try:
            return self._state(subject)
        except KeyError as error:
            if error.args and error.args[0] in FACTS and error.args[0] not in subject:
                raise _UnknownError from None
            raise

    def _plain(self, cast: Cast, value: Any) -> Any:
        picked = cast.plain(self._normalise(cast.plain(value)))
        return _without(picked, self._ignored) if self._ignored else picked

    def _label(self, cast: Cast, url: str) -> str:
        parts = urlsplit(masked(url))
        bare = f"{parts.path}?{parts.query}".rstrip("?") if self._bare else masked(url)
        return cast.uncast(bare)


class _UnknownError(Exception):
    """A message lacks what a look at it needs: it is not looked at, as with probes."""


class _Outbox:
    """The messages that were sent, by whom they were sent to."""

    def __init__(self, sent: Sequence[SentMessage]) -> None:
        self._sent = sent
        self._read = 0
        self._by_number: dict[str, list[dict[str, Any]]] = {}

    def to(self, users: set[str]) -> list[dict[str, Any]]:
        while self._read < len(self._sent):
            message = self._sent[self._read]
            self._read += 1
            call = {"to": message.to, "channel": message.channel, "content": message.content}
            self._by_number.setdefault(message.to, []).append(call)
        return [call for user in users for call in self._by_number.get(user, ())]


def _subjects(cast: Cast, callbacks: Sequence[Callback]) -> list[Subject]:
    return subjects(happened(cast, callbacks))


def _invisible(sight: Sight) -> str:
    """Why an answer shows no state; a 404 does: nothing is known."""
    if sight.status_code is None:
        return f"gave no answer: {sight.trouble}"
    visible = sight.status_code in _SUCCESS or sight.status_code == NOT_FOUND
    return "" if visible else f"was answered {sight.status_code}"


def _read(sight: Sight) -> Any:
    if sight.status_code not in _SUCCESS:
        return f"answered {sight.status_code}"
    try:
        return msgspec.json.decode(sight.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return sight.body.decode(errors="replace")


def check_path(path: str) -> None:
    """See that a path can be one of the state.

    Raises:
        ConfigurationError: It cannot.
    """
    if not _PATH.fullmatch(path):
        raise ConfigurationError(
            f"--ignore {path!r} is no path: write keys and indices, as in 'updated_at', "
            "'items[*].id'"
        )


def _without(value: Any, ignored: dict[str, bool], path: str = "") -> Any:
    """A plain value without what stands at the ignored paths; those that are met are ticked off."""
    if isinstance(value, dict):
        steps = {key: f"{path}.{key}".lstrip(".") for key in value}
        ignored.update(dict.fromkeys(ignored.keys() & steps.values(), True))
        kept = (key for key in value if steps[key] not in ignored)
        return {key: _without(value[key], ignored, steps[key]) for key in kept}
    if isinstance(value, list) and f"{path}[*]" in ignored:
        ignored[f"{path}[*]"] = True
    elif isinstance(value, list):
        return [_without(item, ignored, f"{path}[*]") for item in value]
    return [] if isinstance(value, list) else value
