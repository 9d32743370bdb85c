"""`run --wait`: an endpoint that is not there yet, or never."""

import asyncio
import socket

import pytest

from mockatell.errors import UnreachableError
from mockatell.shell import reachable


@pytest.fixture
def bound():
    """A port that is taken, and where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken


def url_of(bound):
    return f"http://127.0.0.1:{bound.getsockname()[1]}/cb"


def test_an_endpoint_that_listens_is_not_waited_for(cli, endpoint):
    result = cli("run", "receipts", "--target", endpoint.url, "--wait", "30s", "--speed", "1000")
    assert result.code == 0, result.err
    assert endpoint.received


def test_one_that_never_comes_is_unreachable(cli, bound):
    result = cli("run", "receipts", "--target", url_of(bound), "--wait", "300ms")
    assert result.code == 3
    assert "accepted no connection within 300ms: Connection refused" in result.err
    assert "seed" not in result.err, "nothing was begun"


def test_one_without_a_url_is_not_waited_for(cli, scenario):
    file = scenario("messages: [{channel: sms, lifecycle: delivered}]")
    result = cli("run", file, "--wait", "30s")
    assert result.code == 2
    assert "no URL" in result.err


@pytest.mark.parametrize("url", ["http://nowhere.invalid/cb", "https://nowhere.invalid:8443/cb"])
def test_a_name_without_an_address_is_waited_for(url):
    with pytest.raises(UnreachableError, match=r"nowhere.invalid:\d+ accepted no connection"):
        asyncio.run(reachable.wait_until_reachable([url], 0.1))


def test_one_that_comes_late_is_waited_for(bound, monkeypatch):
    """It listens only once it has refused."""
    tried = []

    async def connect(*place):
        try:
            return await asyncio.open_connection(*place)
        except OSError:
            tried.append(place)
            bound.listen()
            raise

    monkeypatch.setattr(reachable, "open_connection", connect)
    asyncio.run(reachable.wait_until_reachable([url_of(bound)] * 2, 10))
    assert len(tried) == 1, "one place is waited for once"


def test_each_place_is_waited_for(bound):
    with socket.create_server(("127.0.0.1", 0)) as there:
        both = [url_of(there), url_of(bound)]
        with pytest.raises(UnreachableError, match=str(bound.getsockname()[1])):
            asyncio.run(reachable.wait_until_reachable(both, 0.1))
