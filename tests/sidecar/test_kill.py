"""A sidecar that is killed at any moment, as a process, on a real disk."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def measuring(monkeypatch):
    """A module of the benchmarks, which are no part of what is installed."""
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.{name}")


def test_killed_under_load_it_keeps_every_promise(measuring, run, tmp_path):
    path = str(tmp_path / "sidecar.db")
    kill = measuring("kills").kill
    result = run(kill(path, cycles=4, seconds=0.6, rate=500))
    assert result.promised > 50
    assert result.lost == 0
    assert result.again < 200 * result.cycles


def test_killed_while_it_is_served_it_keeps_every_promise(measuring, run, tmp_path):
    path = str(tmp_path / "sidecar.db")
    kill = measuring("kills_over_http").kill_over_http
    result = run(kill(path, cycles=2, seconds=0.6))
    assert result.promised > 50
    assert result.lost == 0
