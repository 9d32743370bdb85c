import pytest


@pytest.fixture(autouse=True)
def as_at_home(monkeypatch):
    """Where CI is set, pytest says at the end again what failed, and not cut off."""
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def live(running):
    """The lines of a test module whose target is the demo's guarded receiver, by its URL."""
    from mockatell.rooms.demo.receivers import Guarded
    from mockatell.rooms.demo.server import serve

    with running(serve(Guarded(), "127.0.0.1", 0)) as server:
        yield f"""
@pytest.fixture
def mockatell_target():
    return "http://127.0.0.1:{server.server_port}/callback"

@pytest.fixture
def mockatell_config():
    return {{}}
"""
