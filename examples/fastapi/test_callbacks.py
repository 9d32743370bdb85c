"""What Clickatell does to every endpoint some day. `pytest`: the naive handlers fail each test."""

import sqlite3
from contextlib import closing

import pytest
from app import ANSWER, create_app

from mockatell import conversation, moText


@pytest.fixture(params=["naive", "guarded"])
def handler(request):
    return request.param


@pytest.fixture
def db():
    with closing(sqlite3.connect(":memory:")) as db:
        yield db


@pytest.fixture
def mockatell_target(db):
    return create_app(db)


@pytest.fixture
def mockatell_config(handler):
    return {"endpoints": {"status": f"/{handler}/status/", "reply": f"/{handler}/reply/"}}


def test_a_reply_that_comes_twice_is_answered_once(mockatell, db):
    mockatell.deliver(moText("YES"), duplicates=1)
    assert db.execute("SELECT text FROM answers").fetchall() == [(ANSWER,)]


def test_a_late_receipt_does_not_undo_read(mockatell, db):
    sent, delivered, read = conversation(message_id="m1")
    mockatell.deliver(sent, delivered, read, order=(0, 2, 1))
    assert db.execute("SELECT status FROM messages").fetchall() == [("READ",)]


def test_a_retry_after_a_lost_acknowledgement_changes_nothing(mockatell, db):
    mockatell.deliver(moText("YES", message_id="r1"), lost_acks=1)
    mockatell.assert_retried("r1", times=1)
    assert db.execute("SELECT text FROM answers").fetchall() == [(ANSWER,)]


class TestTheUrlWithoutItsSlash:
    @pytest.fixture
    def mockatell_config(self, handler):
        return {"endpoints": {"reply": f"/{handler}/reply"}}

    def test_is_not_redirected(self, mockatell):
        mockatell.send(moText("YES"))
        mockatell.assert_all_acknowledged()
