import pytest


@pytest.fixture(autouse=True)
def as_at_home(monkeypatch):
    """Where CI is set, pytest says at the end again what failed, and not cut off."""
    monkeypatch.delenv("CI", raising=False)
