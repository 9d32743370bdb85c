import pytest


@pytest.fixture(autouse=True)
def as_at_home(monkeypatch):
    """Where CI is set, pytest says at the end again what failed, and not cut off."""
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def live(running):
    """The URL of the demo's guarded receiver."""
    from mockatell.rooms.demo.receivers import Guarded
    from mockatell.rooms.demo.server import serve

    with running(serve(Guarded(), "127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.server_port}/callback"
