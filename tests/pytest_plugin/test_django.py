"""Django as the target, in runs of its own: the handler's rows are in the test's transaction."""

import pytest

SETTINGS = """
SECRET_KEY = "not a secret"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = ["inbox"]
MIGRATION_MODULES = {"inbox": None}
ROOT_URLCONF = "inbox.urls"
USE_TZ = True
"""
MODELS = """
from django.db import models

class Reply(models.Model):
    message_id = models.CharField(max_length=32)
    thread = models.BigIntegerField()
"""
URLS = """
import json, threading
from django.http import JsonResponse
from django.urls import path
from inbox.models import Reply

def reply(request):
    for event in json.loads(request.body)["event"]["moText"]:
        if event["content"] == "boom":
            raise LookupError("no such order")
        Reply.objects.create(message_id=event["messageId"], thread=threading.get_ident())
    return JsonResponse({})

urlpatterns = [path("reply", reply)]
"""
INI = """
[pytest]
addopts = -p no:asyncio
filterwarnings = error
DJANGO_SETTINGS_MODULE = settings
pythonpath = .
"""
START = """
import threading
import pytest
from mockatell import moText
from inbox.models import Reply

@pytest.fixture
def mockatell_config():
    return {"endpoints": {"reply": "/reply"}}
"""
OWN_TARGET = """
@pytest.fixture
def mockatell_target():
    from django.core.wsgi import get_wsgi_application
    return get_wsgi_application()
"""


@pytest.fixture
def run(pytester):
    """A run in a process of its own: Django is set up once in a process."""
    pytester.makeini(INI)
    pytester.makepyfile(
        **{"settings": SETTINGS, "inbox/__init__": "", "inbox/models": MODELS, "inbox/urls": URLS}
    )

    def run(tests):
        pytester.makepyfile(START + tests)
        return pytester.runpytest_subprocess()

    return run


@pytest.mark.parametrize("target", ["", OWN_TARGET], ids=["found", "its own"])
def test_what_the_handler_wrote_is_rolled_back_with_the_test(run, target):
    result = run(
        target
        + """
@pytest.mark.django_db
@pytest.mark.parametrize("again", [False, True])
def test_rows(mockatell, again):
    assert not Reply.objects.exists()
    Reply.objects.create(message_id="before", thread=0)
    mockatell.deliver(moText("STOP", message_id="r1"), duplicates=1)
    mockatell.assert_all_acknowledged()
    own = threading.get_ident()
    rows = Reply.objects.order_by("id").values_list("message_id", "thread")
    assert list(rows) == [("before", 0), ("r1", own), ("r1", own)]

@pytest.mark.django_db(transaction=True)
def test_without_a_transaction(mockatell):
    mockatell.send(moText("STOP"))
    assert Reply.objects.count() == 1

@pytest.mark.django_db
def test_nothing_is_left():
    assert not Reply.objects.exists()

@pytest.mark.django_db
def test_a_shipped_scenario_s_host_does_not_matter(mockatell):
    mockatell.run("opt-out")
    assert {a.status_code for a in mockatell.journal if a.role == "reply"} == {200}
"""
    )
    result.assert_outcomes(passed=5)


def test_what_would_outlive_the_transaction_is_refused(run):
    result = run(
        OWN_TARGET.replace("wsgi", "asgi")
        + """
@pytest.mark.django_db
def test_marked(mockatell):
    raise AssertionError("began")

def test_later(mockatell, db):
    mockatell.send(moText("STOP"))

@pytest.mark.django_db(transaction=True)
def test_flushed(mockatell):
    assert not Reply.objects.exists()
    mockatell.send(moText("STOP"))
    assert Reply.objects.count() == 1

@pytest.mark.django_db
def test_nothing_is_left():
    assert not Reply.objects.exists()
"""
    )
    result.assert_outcomes(passed=2, errors=1, failed=1)
    words = "return get_wsgi_application() from the fixture `mockatell_target`, or mark the test"
    assert result.stdout.str().count(words) == 2
    result.stdout.fnmatch_lines(["mockatell: Django runs the views of its ASGI app in another *"])


def test_what_django_answers_for_is_explained(run):
    result = run(
        """
@pytest.mark.django_db
def test_raises(mockatell):
    mockatell.send(moText("boom"))
    mockatell.assert_all_acknowledged()

def test_has_no_database(mockatell):
    mockatell.send(moText("STOP"))
    mockatell.assert_all_acknowledged()
"""
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*rejected with 500: LookupError: no such order at inbox/urls.py:* in reply",
            "*raised in delivery #1, attempt 1*",
            '*rejected with 500: *Database access not allowed, use the "django_db" mark*',
        ]
    )


def test_the_logs_are_still_the_test_s(run):
    result = run(
        """
@pytest.mark.django_db
def test_logs(mockatell, caplog):
    mockatell.send(moText("boom"))
    assert "Internal Server Error: /reply" in caplog.messages
"""
    )
    result.assert_outcomes(passed=1)


def test_without_a_project_a_target_is_asked_for(pytester):
    pytester.makepyfile("import django.apps\n\ndef test(mockatell): pass")
    result = pytester.runpytest_subprocess("-p", "no:asyncio")
    assert result.ret != 0
    assert "define a fixture `mockatell_target`" in result.stdout.str()
