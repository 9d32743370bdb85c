"""How the pytest fixture comes about: target, configuration and marker become a `Mockatell`."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from mockatell.core.differences import shown
from mockatell.core.scenario.endpoints import IN_PROCESS
from mockatell.core.scenario.load import load, parse_keys
from mockatell.core.scenario.spec import Scenario
from mockatell.core.scenario.urls import flaw, masked
from mockatell.errors import ConfigurationError
from mockatell.rng import MAX_SEED
from mockatell.rooms.fixture import Mockatell
from mockatell.rooms.frameworks import refuse_to_outlive
from mockatell.rooms.send_side import SendSide, settings_of
from mockatell.shell.clock import RealClock, VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.shell.clock import Clock

_APP_NAME: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(\(\))?")
_NAMES_AN_APP: Final = (
    "names an app",
    "import it and return the app itself, as in `from myapp import app`",
)
_HOLDING = ("endpoints", "integration", "quirks")  # a scenario's retry policy is part of its story


def made(
    target: Any, config: dict[str, Any], *, seed: int, marked: dict[str, Any], test: str
) -> Mockatell:
    """The fixture of one test.

    Args:
        target: An ASGI app, a WSGI app or a URL.
        config: Keys of a scenario.
        seed: The session's.
        marked: What the marker says.
        test: The test's node id.

    Raises:
        InputError: One of these cannot be used.
    """
    _check_target(target)
    chosen = seed_of(marked, seed)
    faults = parse_keys({"faults": marked.get("faults", ())}, name="the marker mockatell").faults
    is_url = isinstance(target, str)
    return Mockatell(
        target,
        replace(parse_keys(_with_target(config, target), name="mockatell_config"), name=test),
        VirtualClock(RealClock().epoch_ms) if is_url else VirtualClock(),
        chosen,
        replay=_replay(test, marked, seed),
        load=_read,
        scenario=None if marked.get("scenario") is None else _read(marked["scenario"]),
        faults=faults,
        holding=[key for key in _HOLDING if key in config],
    )


def _check_target(target: Any) -> None:
    if target is None:
        raise ConfigurationError(
            "there is no target: define a fixture `mockatell_target` that returns your ASGI or "
            "WSGI app, or its URL (a Django project needs none where pytest-django is configured)"
        )
    refuse_to_outlive(target)
    if isinstance(target, str) and (found := flaw(target)):
        problem, remedy = _NAMES_AN_APP if _APP_NAME.fullmatch(target) else found
        raise ConfigurationError(
            f"the fixture `mockatell_target` returns {masked(target)!r}, which {problem} ({remedy})"
        )


def seed_of(marked: dict[str, Any], seed: int) -> int:
    """The marker's seed, or the session's.

    Raises:
        ConfigurationError: The marker's is none.
    """
    own = marked.get("seed")
    if own is None:
        return seed
    if not isinstance(own, int) or isinstance(own, bool) or not 0 <= own <= MAX_SEED:
        raise ConfigurationError(f"the marker's seed is a whole number from 0 to {MAX_SEED}")
    return own


def send_side(
    settings: Any,
    clock: Callable[[], Clock | None],
    *,
    seed: int,
    marked: dict[str, Any],
    test: str,
) -> SendSide:
    """The fixture `clickatell` of one test.

    Args:
        settings: `StandinSettings`, or keys of theirs.
        clock: The callbacks' clock, or None while there is none; then time stands still.
        seed: The session's.
        marked: What the marker says.
        test: The test's node id.

    Raises:
        InputError: One of these cannot be used.
    """
    still = VirtualClock()
    return SendSide(
        seed_of(marked, seed),
        lambda: clock() or still,
        settings_of(settings),
        _replay(test, marked, seed),
    )


def _replay(test: str, marked: dict[str, Any], seed: int) -> str:
    hint = "" if marked.get("seed") is not None else f" --mockatell-seed {seed}"
    return f"pytest {shlex.quote(test)}{hint}"


def _with_target(config: Any, target: Any) -> dict[str, Any]:
    """Endpoints may be given as paths, of the app or of the server; a URL is that of both roles."""
    given = config.get("endpoints", {}) if isinstance(config, dict) else None
    if not isinstance(given, dict):
        raise ConfigurationError(
            "the fixture `mockatell_config` returns keys of a scenario, such as "
            "{'endpoints': {'status': '/callback'}}, not " + shown(config)
        )
    endpoints = dict(given)
    base = target if isinstance(target, str) else IN_PROCESS
    for role in ("status", "reply"):
        if isinstance(target, str):
            endpoints.setdefault(role, target)
        if role in endpoints:
            endpoints[role] = _placed(endpoints[role], base)
    return {**config, "endpoints": endpoints}


def _placed(endpoint: Any, base: str) -> Any:
    """An endpoint whose URL is whole: a path is one at the base's origin."""
    if isinstance(endpoint, dict) and "url" in endpoint:
        return {**endpoint, "url": _placed(endpoint["url"], base)}
    if not isinstance(endpoint, str) or not endpoint.startswith("/"):
        return endpoint
    origin = urlsplit(base)
    return f"{origin.scheme}://{origin.netloc}{endpoint}"


def _read(source: Any) -> Scenario:
    if isinstance(source, Scenario):
        return source
    if isinstance(source, (str, os.PathLike)) and os.fspath(source):
        return load(source, env=os.environ)
    raise ConfigurationError(
        f"a scenario is a path, a shipped name or a Scenario, not {shown(source)}"
    )
