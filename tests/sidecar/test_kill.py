"""A sidecar that is killed at any moment, as a process, on a real disk."""

import importlib.util
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "kills.py"


@pytest.fixture(scope="module")
def kills():
    spec = importlib.util.spec_from_file_location("kills", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_killed_under_load_it_keeps_every_promise(kills, run, tmp_path):
    path = str(tmp_path / "sidecar.db")
    result = run(kills.kill(path, cycles=4, seconds=0.6, rate=500))
    assert result.promised > 50
    assert result.lost == 0
    assert result.again < 200 * result.cycles
