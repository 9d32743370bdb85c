"""The examples do what they are there for: naive handlers fail and say why, guarded ones pass."""

import re
import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(tests.parent.name for tests in EXAMPLES.glob("*/test_callbacks.py"))
EXPLAINED = {
    "test_a_reply_that_comes_twice_is_answered_once": (
        "  #1 moText of message * to the reply endpoint",
        "  #2 moText of message * to the reply endpoint, a duplicate",
    ),
    "test_a_late_receipt_does_not_undo_read": (
        "E *AssertionError: assert *DEVICE_ACK*READ*",
        "  #2 messageStatusUpdate READ of message m1 to the status endpoint",
        "  #3 messageStatusUpdate DEVICE_ACK of message m1 to the status endpoint",
    ),
    "test_a_retry_after_a_lost_acknowledgement_changes_nothing": (
        "    attempt 1 at 0s: ack lost: its 200 was thrown away (fault)",
        "    attempt 2 at 2m: acknowledged with 200",
    ),
    "TestTheUrlWithoutItsSlash.test_is_not_redirected": (
        "E *AssertionError: not acknowledged: 1 of 1 deliveries",
        "E *attempt 1 at 0s: redirected with 30?: Location: */naive/reply/",
    ),
}


@pytest.fixture(params=NAMES)
def result(request, pytester, monkeypatch):
    """An example's own tests, in a process and in a copy of its own."""
    folder = pytester.path / request.param
    shutil.copytree(EXAMPLES / request.param, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(folder)
    return pytester.runpytest_subprocess("-v", "-p", "no:asyncio", "-W", "error")


def test_each_naive_handler_fails_and_each_guarded_one_passes(result):
    ended = dict(
        re.findall(r"^\S+?::(\S+) (PASSED|FAILED|ERROR)", result.stdout.str(), re.MULTILINE)
    )
    assert ended == {
        f"{test.replace('.', '::')}[{handler}]": how
        for test in EXPLAINED
        for handler, how in (("naive", "FAILED"), ("guarded", "PASSED"))
    }
    for test, lines in EXPLAINED.items():
        result.stdout.fnmatch_lines([f"*_ {test}[[]naive[]] _*", *lines, "*replay: pytest *"])


def test_there_is_one_for_each_framework():
    assert NAMES == ["django", "fastapi", "flask"]
