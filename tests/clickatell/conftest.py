"""Platforms, conversations and the vendor's own documents for the provider's tests."""

import json
from pathlib import Path

import pytest

from mockatell.clickatell.encryption import LocalKeyService
from mockatell.clickatell.platform import Platform
from mockatell.clickatell.quirks import Quirks
from mockatell.rng import Purpose, Stream

HERE = Path(__file__).parent
INTEGRATION = {
    "integration_id": "fa8090815f05d5ed015f0b5b56080cd2",
    "integration_name": "My integration",
}


@pytest.fixture(scope="session")
def vendor_schema():
    return json.loads((HERE / "vendor_schema.json").read_text())


@pytest.fixture(scope="session")
def vendor_examples():
    return json.loads((HERE / "vendor_examples.json").read_text())


@pytest.fixture(scope="session")
def make_platform():
    def make(**quirks):
        return Platform(**INTEGRATION, quirks=Quirks(**quirks), encryption=LocalKeyService())

    return make


@pytest.fixture(scope="session")
def platform(make_platform):
    return make_platform()


@pytest.fixture(scope="session")
def make_stream():
    def make(*labels, seed=7):
        return Stream(seed, Purpose.MESSAGE, *labels)

    return make


@pytest.fixture
def stream(make_stream):
    return make_stream()


@pytest.fixture(scope="session")
def event_of():
    """The only event of a callback."""

    def event_of(callback):
        ((kind, events),) = json.loads(callback.body)["event"].items()
        assert kind == callback.kind
        (event,) = events
        return event

    return event_of
