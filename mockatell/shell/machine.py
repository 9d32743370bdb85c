"""What this machine and process can do: descriptors, memory, the garbage collector's pauses."""

from __future__ import annotations

import gc
import resource
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FEWEST: Final = 16  # connections that a load can do with
_OTHERS: Final = 64  # descriptors besides connections: files, the loop's own, the name resolver's
_KIB: Final = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in


def room_for(connections: int) -> int:
    """Make room for connections; returns how many there can be, at most as many as asked for.

    The process' limit of open files is raised as far as it may be raised.

    Raises:
        ConfigurationError: There is room for so few that nothing can be measured with them.
    """
    possible = min(connections, _possible(connections))
    if possible < min(connections, _FEWEST):
        raise _too_few(min(connections, _FEWEST))
    return possible


def require_room_for(connections: int) -> None:
    """Make room for connections.

    Raises:
        ConfigurationError: There is not room for so many.
    """
    if (possible := _possible(connections)) < connections:
        instead = f", or ask for at most {possible} in flight" if possible > 0 else ""
        raise _too_few(connections, instead)


def _possible(connections: int) -> int:
    """How many connections there can be, if so many are asked for; below 0 where even we cannot."""
    needed = connections + _OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections if soft == resource.RLIM_INFINITY else soft - _OTHERS


def _too_few(connections: int, instead: str = "") -> ConfigurationError:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + _OTHERS
    return ConfigurationError(
        f"{connections} connections need {needed} open files, and this process may have {most}: "
        f"raise the limit (ulimit -n {needed}){instead}"
    )


def peak_memory() -> int:
    """Most bytes that this process has had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Meanwhile the garbage collector looks at what is new alone, and seldom.

    A look at everything takes tens of milliseconds where thousands of messages are alive, and
    would be lag.
    """
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 1_000)
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
