"""The pytest plugin: the fixture `mockatell`, its marker and its options.

Nothing of mockatell's is imported before a test asks for the fixture, so the plugin costs nothing
where it is not used.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from mockatell.rooms.fixture.fixture import Mockatell
    from mockatell.rooms.fixture.send_side import SendSide

MARKER = "mockatell(scenario=None, seed=None, faults=()): what `mockatell.run()` plays, and how"
_ARGUMENTS = frozenset({"scenario", "seed", "faults"})
_MAX_SEED = 2**53 - 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--mockatell-seed` and `--mockatell-report-dir`, and the same for the ini file."""
    group = parser.getgroup("mockatell", "callbacks as Clickatell sends them")
    group.addoption("--mockatell-seed", type=int, help="replays the chance in every test")
    group.addoption("--mockatell-report-dir", help="write a report of every test to this folder")
    parser.addini("mockatell_seed", "replays the chance in every test")
    parser.addini("mockatell_report_dir", "write a report of every test to this folder")


def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed once, and hand it to the workers of xdist."""
    config.addinivalue_line("markers", MARKER)
    config.stash[_SEED] = _seed_of(config)


def pytest_report_header(config: pytest.Config) -> str:
    """Say the seed, so that a failure can be replayed."""
    return f"mockatell: seed {config.stash[_SEED]} (replay with --mockatell-seed)"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """End what lives in a coroutine test's loop before the fixture of that loop closes it."""
    fixture = getattr(item, "funcargs", {}).get("mockatell")
    if fixture is not None:
        fixture.aio.end()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give an xdist worker the seed of the whole session."""
    node.workerinput["mockatell_seed"] = node.config.stash[_SEED]


_SEED = pytest.StashKey[int]()
_FAILED = pytest.StashKey[bool]()
_FIXTURE: pytest.StashKey[Mockatell] = pytest.StashKey()
_SEND_SIDE: pytest.StashKey[SendSide] = pytest.StashKey()


def _seed_of(config: pytest.Config) -> int:
    given = config.getoption("--mockatell-seed")
    if given is None:
        given = getattr(config, "workerinput", {}).get("mockatell_seed")
    if given is None and (text := config.getini("mockatell_seed")):
        given = int(text) if text.isdecimal() else -1
    if given is None:
        import secrets

        return secrets.randbelow(2**31)
    if not 0 <= given <= _MAX_SEED:
        raise pytest.UsageError(f"mockatell: a seed is a whole number from 0 to {_MAX_SEED}")
    return int(given)


@pytest.fixture
def mockatell_target() -> Any:
    """What callbacks are sent to: an ASGI app, a WSGI app, or a URL; override it.

    Without an override it is the Django project that pytest-django has set up, or None.
    """
    from mockatell.rooms.frameworks import django_app

    return django_app()


@pytest.fixture
def mockatell_config() -> dict[str, Any]:
    """Keys of a scenario that hold in every test, for example `endpoints` and `retry`."""
    return {}


@pytest.fixture
def mockatell(
    request: pytest.FixtureRequest, mockatell_target: Any, mockatell_config: dict[str, Any]
) -> Iterator[Mockatell]:
    """Clickatell, for one test."""
    from mockatell.rooms.fixture.setup import made

    with _usage_errors():
        fixture = made(
            mockatell_target,
            mockatell_config,
            seed=request.config.stash[_SEED],
            marked=_marked(request.node),
            test=_shown_id(request),
        )
    request.node.stash[_FIXTURE] = fixture
    yield fixture
    with _usage_errors():
        try:
            fixture.close()
        finally:
            _write_reports(request.config, _nodeid(request.node), fixture)
    _warn_of_what_was_held_back(request.node, fixture)


@pytest.fixture
def clickatell_settings() -> Any:
    """What the stand-in for the send side is like: keys of `StandinSettings`; override it."""
    return {}


@pytest.fixture
def clickatell(request: pytest.FixtureRequest, clickatell_settings: Any) -> Iterator[SendSide]:
    """Clickatell as the app under test sends to it: a transport, respx routes, or a live URL."""
    from mockatell.rooms.fixture.setup import send_side

    def clock() -> Any:
        fixture = request.node.stash.get(_FIXTURE, None)
        return None if fixture is None else fixture.clock.inner

    with _usage_errors():
        side = send_side(
            clickatell_settings,
            clock,
            seed=request.config.stash[_SEED],
            marked=_marked(request.node),
            test=_shown_id(request),
        )
    request.node.stash[_SEND_SIDE] = side
    yield side
    side.close()


def _shown_id(request: pytest.FixtureRequest) -> str:
    return str(request.config.cwd_relative_nodeid(_nodeid(request.node)))


def _marked(node: pytest.Item) -> dict[str, Any]:
    from mockatell.errors import ConfigurationError

    marker = node.get_closest_marker("mockatell")
    if marker is None:
        return {}
    unknown = set(marker.kwargs) - _ARGUMENTS
    if unknown or marker.args:
        what = f"'{min(unknown)}'" if unknown else "a value without a name"
        raise ConfigurationError(
            f"the marker mockatell does not take {what} (it takes {', '.join(sorted(_ARGUMENTS))})"
        )
    return dict(marker.kwargs)


def _nodeid(node: pytest.Item) -> Any:
    """The node id without the group that pytest-xdist adds to it in its workers."""
    assert node.parent is not None
    return f"{node.parent.nodeid}::{node.name}"


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Have a fixture fail with the sentence alone where what it was given cannot be used."""
    from mockatell.errors import MockatellError

    try:
        yield
    except MockatellError as error:
        raise pytest.fail.Exception(f"mockatell: {error}", pytrace=False) from None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[None]:
    """Add to a failure what the app raised, and how the deliveries went."""
    if call.excinfo is not None:
        _end_at_the_user(call.excinfo.value)
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    fixture = item.stash.get(_FIXTURE, None)
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    if report.failed and fixture is not None:
        shown = re.sub(r"^E ", "", report.longreprtext, flags=re.MULTILINE)
        report.sections += fixture.sections(shown)
    side = item.stash.get(_SEND_SIDE, None)
    if report.failed and side is not None:
        report.sections += side.sections()


def _end_at_the_user(error: BaseException) -> None:
    """End the traceback of what we raise at the line that asked for it, not in our depths."""
    errors = sys.modules.get("mockatell.errors")
    frames = list(_frames(error.__traceback__))
    if errors is None or not frames:
        return
    ours = [_module(frame).startswith("mockatell.") for frame in frames]
    refused = isinstance(error, errors.MockatellError)
    if not refused and not (isinstance(error, AssertionError) and ours[-1]):
        return
    error.__cause__, error.__suppress_context__ = None, True
    if True not in ours[1:]:
        return
    last = ours.index(True, 1) - 1
    while last and _module(frames[last]) == "contextlib":  # what enters a `with` block of ours
        last -= 1
    frames[last].tb_next = None


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _module(frame: TracebackType) -> str:
    return str(frame.tb_frame.f_globals.get("__name__", ""))


def _warn_of_what_was_held_back(node: pytest.Item, fixture: Mockatell) -> None:
    """A test that fails shows it in a section of its own."""
    from mockatell.rooms.fixture.assertions import held_back

    unsent = held_back(fixture.rehearsal)
    if unsent and not node.stash.get(_FAILED, False):
        lines = ["mockatell: the test ended while deliveries were held back:", *unsent]
        try:
            node.warn(pytest.PytestWarning("\n".join(lines)))
        except pytest.PytestWarning as warning:  # warnings are errors there
            raise pytest.fail.Exception(str(warning), pytrace=False) from None


def _write_reports(config: pytest.Config, nodeid: str, fixture: Mockatell) -> None:
    folder = config.getoption("--mockatell-report-dir") or config.getini("mockatell_report_dir")
    if not folder or not len(fixture.journal):
        return
    from mockatell.rooms.fixture.reporting import write_reports

    write_reports(folder, nodeid, fixture)
