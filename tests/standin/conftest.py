"""A stand-in to send to, and the vendor's own examples."""

import json
from pathlib import Path

import pytest

from mockatell.clickatell.standin import ApiRequest, Standin, StandinSettings

KEY = ("Authorization", "iWJsw01234567890abcdef==")
NOW = 1_700_000_000_000
USER = "27999000001"


class Client:
    """Calls one stand-in as an app would, at a time that the test sets."""

    def __init__(self, standin):
        self.standin = standin
        self.now = NOW
        self.last = None

    def call(self, method, path, query="", body=b"", headers=(KEY,)):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = ApiRequest(method, path, query, tuple(headers), content)
        self.last = self.standin.handle(request, self.now)
        return self.last.response

    def json(self, *args, **kwargs):
        response = self.call(*args, **kwargs)
        assert dict(response.headers)["Content-Type"] == "application/json"
        return response.status, json.loads(response.body)

    def send(self, *items):
        return self.json("POST", "/v1/message", body={"messages": items})

    def sent(self, **item):
        """The message as accepted; it must be."""
        status, answer = self.send({"to": USER, "content": "hi"} | item)
        assert status == 202, answer
        [message] = self.last.accepted
        return message

    def refused(self, **item):
        """Code and text of the error with which a single message is refused."""
        status, answer = self.send({"to": USER, "content": "hi"} | item)
        assert answer["error"] is None
        [result] = answer["messages"]
        assert result["accepted"] is False
        assert self.last.accepted == ()
        return status, result["error"]["code"], result["error"]["description"]

    def upload(self, body=b"picture", name="a.png", content_type="image/png", query=None):
        query = query or f"fileName={name}&broadcastAllowed=true"
        headers = (KEY, ("content-type", content_type))
        return self.json("POST", "/v1/media", query, body, headers)


@pytest.fixture
def make_client():
    def make(seed=7, keys=None, **settings):
        return Client(Standin(StandinSettings(**settings), seed=seed, keys=keys))

    return make


@pytest.fixture
def client(make_client):
    return make_client()


@pytest.fixture(scope="session")
def vendor():
    return json.loads((Path(__file__).parent / "vendor_examples.json").read_text())
