"""Runs a sender in a process of its own on a core of its own, and says what it took."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
PATIENCE = 60  # seconds


@contextmanager
def pinned(core):
    """Children that are started meanwhile have this core, if there are two."""
    os.sched_setaffinity(0, {CORES[core % len(CORES)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, CORES)


def figures(code, *args):
    """What Python code prints as JSON."""
    command = [sys.executable, "-c", code, *map(str, args)]
    with pinned(1):
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def found(name):
    """Where a program is, this environment's own before others; None: it is not installed."""
    places = (str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))
    return shutil.which(name, path=os.pathsep.join(places))


def taken(name, requests_in, *args):
    """Microseconds of processor time a request that another program takes, None without it.

    Its start is in it, so it has to make enough requests for that not to matter.
    """
    program = found(name)
    if program is None:
        return None
    before = os.times()
    with pinned(1):
        done = subprocess.run(
            [program, *args], capture_output=True, text=True, check=True, timeout=PATIENCE
        )
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return 1e6 * used / requests_in(done.stdout)
