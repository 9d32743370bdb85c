"""What Clickatell does to every endpoint some day. `pytest`: the naive handlers fail each test.

No target is defined: it is the project that pytest-django has set up. What the handlers write is in
the test's transaction, and gone after it.
"""

import pytest
from shop.models import Answer, Message
from shop.views import ANSWER

from mockatell import conversation, moText

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["naive", "guarded"])
def handler(request):
    return request.param


@pytest.fixture
def mockatell_config(handler):
    return {"endpoints": {"status": f"/{handler}/status/", "reply": f"/{handler}/reply/"}}


def test_a_reply_that_comes_twice_is_answered_once(mockatell):
    mockatell.deliver(moText("YES"), duplicates=1)
    assert [answer.text for answer in Answer.objects.all()] == [ANSWER]


def test_a_late_receipt_does_not_undo_read(mockatell):
    sent, delivered, read = conversation(message_id="m1")
    mockatell.deliver(sent, delivered, read, order=(0, 2, 1))
    assert Message.objects.get().status == "READ"


def test_a_retry_after_a_lost_acknowledgement_changes_nothing(mockatell):
    mockatell.deliver(moText("YES", message_id="r1"), lost_acks=1)
    mockatell.assert_retried("r1", times=1)
    assert [answer.text for answer in Answer.objects.all()] == [ANSWER]


class TestTheUrlWithoutItsSlash:
    @pytest.fixture
    def mockatell_config(self, handler):
        return {"endpoints": {"reply": f"/{handler}/reply"}}

    def test_is_not_redirected(self, mockatell):
        mockatell.send(moText("YES"))
        mockatell.assert_all_acknowledged()
