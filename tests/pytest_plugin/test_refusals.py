"""What makes no sense is refused in one sentence, and the traceback ends at the test's own line."""

import flask
import pytest

from mockatell.rooms.fixture import setup

IMPORTED = (setup, flask)  # see test_plugin.py

START = """
import pytest
from flask import Flask
from mockatell import Schedule, conversation, messageFallback, messageStatusUpdate, moMedia, moText

@pytest.fixture
def mockatell_target():
    return Flask("app")
"""
GIVEN = {
    "send()": "there is nothing to send: give moText(...), messageStatusUpdate(...) or what",
    "send([moText()])": "a list is no event: put a star before it, as in send(*events)",
    "send(conversation(message_id='m1'))": "a tuple is no event: put a star before it",
    "send({'event': {}})": "a dict is no event: give moText(...)",
    "send('READ')": "a str is no event: give moText(...)",
    "send(None)": "a NoneType is no event: give moText(...)",
    "send(moText(5))": "moText: content: expected str | None, got int",
    "send(moText(size=5))": "moText takes no 'size' (valid: channel, charset, content",
    "send(moText(fromm='1'))": "moText takes no 'fromm' (did you mean 'from_'?)",
    "send(moText(from_=27))": "moText: from_: expected str | None, got int",
    "send(moText(related_message_id=1))": "moText: related_message_id: expected str | None",
    "send(moText('\\ud800'))": "cannot be written in UTF-8",
    "send(moText(channel='telegram'))": "moText: the channel is 'sms' or 'whatsapp', not",
    "send(moText(timestamp='now'))": "moText: timestamp: expected int | None, got str",
    "send(moText(timestamp=-1))": "moText: timestamp: expected int >= 0",
    "send(moText(udh='0', channel='whatsapp'))": "moText on whatsapp takes no 'udh' (it takes",
    "send(moMedia(by='post'))": "moMedia: by: invalid enum value 'post'",
    "send(messageFallback(mesage_id='m1'))": "takes no 'mesage_id' (did you mean 'message_id'?)",
    "send(messageStatusUpdate('READ', code='4'))": "code: expected int | None, got str",
    "status('m1', 'REED')": "there is no status 'REED' (did you mean 'READ'?)",
    "status('m1', 4711)": "there is no status 4711",
    "status('m1', None)": "messageStatusUpdate: status: expected int | str, got None",
    "status(7, 'READ')": "a status is of a message: give its id, such as 'm1', not 7",
    "status(None, 'READ')": "a status is of a message: give its id, such as 'm1', not None",
    "status('', 'READ')": "a status is of a message: give its id",
    "status('m1', 'READ', chanel='sms')": "takes no 'chanel' (did you mean 'channel'?)",
    "deliver()": "there is nothing to send",
    "deliver(moText(), order=(0, 1))": "order names event 1, but there are 1, from 0",
    "deliver(moText(), order=(-1,))": "order names event -1, but there are 1, from 0",
    "deliver(moText(), order=('a',))": "order names event 'a', but there are 1, from 0",
    "deliver(moText(), order=(0.0,))": "order names event 0.0, but there are 1, from 0",
    "deliver(moText(), order=0)": "order is a sequence of indexes such as (1, 0), not 0",
    "deliver(moText(), moText(), order=(1,))": "order leaves out event 0: it names each of the 2",
    "deliver(moText(), order=())": "order leaves out event 0: it names each of the 1",
    "deliver(moText(), duplicates=-1)": "duplicates cannot be less than 0, as -1 is",
    "deliver(moText(), duplicates=10**12)": "duplicates cannot be more than 10000",
    "deliver(moText(), duplicates='2')": "numbers by index such as {0: 2}, not '2'",
    "deliver(moText(), duplicates=[1])": "numbers by index such as {0: 2}, not [1]",
    "deliver(moText(), duplicates={0: True})": "numbers by index such as {0: 2}, not True",
    "deliver(moText(), duplicates={0: -1})": "duplicates cannot be less than 0, as -1 is",
    "deliver(moText(), lost_acks={2: 1})": "lost_acks names event 2, but there are 1",
    "deliver(moText(), lost_acks=1.5)": "lost_acks is a number for all events, or numbers by",
    "conversation(message_id='m1', statuses='READ')": "such as ['READ'], not 'READ'",
    "conversation(message_id='m1', reply=5)": "the reply of a conversation is a text, or made by",
    "conversation(message_id='m1', reply=messageStatusUpdate())": "is a text, or made by moText(",
    "run()": "no scenario: give run() one, or the marker",
    "run(5)": "a scenario is a path, a shipped name or a Scenario, not 5",
    "run('')": "a scenario is a path, a shipped name or a Scenario, not ''",
    "run('nowhere.yaml')": "no such file",
    "run('recepts')": "recepts",
    "run('receipts', retry='fats')": "there is no retry preset 'fats' (did you mean 'fast'?)",
    "run('receipts', retry=5)": "or a RetryPolicy, not 5",
    "clock.advance('60')": "what the clock advances by: '60' has no unit (write 60s)",
    "clock.advance('soon')": "'soon' is not a duration",
    "clock.advance(None)": "a length of time from 0s to 366d, such as '5m' or a number of seconds",
    "clock.advance(True)": "or a number of seconds, not True",
    "clock.advance(-1)": "or a number of seconds, not -1",
    "run_until_acknowledged('typo')": "nothing was sent about message 'typo', or any other",
    "run_until_acknowledged(5)": "nothing was sent about message 5, or any other",
    "assert_retried('typo', times=0)": "nothing was sent about message 'typo', or any other",
    "assert_retried('m1', times=-1)": "times is a number from 0, not -1",
    "assert_retried('m1', times='2')": "times is a number from 0, not '2'",
    "follow([moText()], (0,))": "a schedule is for example Schedule((1, 0)), and not a tuple",
    "follow([moText()], Schedule((3,)))": "is no schedule of 1 events: it names them by index",
    "follow(['READ'], Schedule((0,)))": "a str is no event",
}
FIXTURES = {
    "no target": ("def mockatell_target(): return None", "there is no target: define a fixture"),
    "no app": ("def mockatell_target(): return object()", "app must be an ASGI app"),
    "a config that is none": ("def mockatell_config(): return []", "returns keys of a scenario"),
    "endpoints that are none": (
        "def mockatell_config(): return {'endpoints': '/callback'}",
        "returns keys of a scenario, such as {'endpoints': {'status': '/callback'}}",
    ),
    "a key misspelt": (
        "def mockatell_config(): return {'endpoints': {'statsu': '/callback'}}",
        "mockatell_config:1: endpoints: unknown key 'statsu' (did you mean 'status'?)",
    ),
}
MARKERS = {
    "sced=1": "the marker mockatell does not take 'sced' (it takes faults, scenario, seed)",
    "'receipts'": "the marker mockatell does not take a value without a name",
    "seed='x'": "the marker's seed is a whole number from 0",
    "faults=5": "the marker mockatell:1: faults: must be a list",
    "scenario='reciepts'": "reciepts: no such file, nor a shipped scenario of that name (did you",
    "scenario=5": "a scenario is a path, a shipped name or a Scenario, not 5",
    "faults=[{'dupe': {}}]": "the marker mockatell:1: faults[0]: unknown key 'dupe'",
}


@pytest.fixture
def reported(pytester):
    """What tests report, by their number, in one run for all of them."""

    def reported(*tests):
        path = pytester.makepyfile(START + "\n".join(tests))
        run = pytester.inline_run(path, "-p", "no:asyncio")
        failed = [r for r in run.getreports("pytest_runtest_logreport") if r.failed]
        assert len(failed) == len(tests)
        return [report.longreprtext for report in failed]

    return reported


def test_what_a_verb_is_given(reported):
    tests = [f"def test_{i}(mockatell):\n    mockatell.{call}" for i, call in enumerate(GIVEN)]
    for (call, words), text in zip(GIVEN.items(), reported(*tests), strict=True):
        assert words in " ".join(text.split()), call
        assert f">       mockatell.{call}" in text
        assert text.count("Error: ") == 1, text  # nothing else was being handled
        assert "mockatell/" not in text, "a frame of ours"


def test_what_the_other_doors_are_given(reported):
    texts = reported(
        "def test_1(clickatell):\n    clickatell.mock(3)",
        "from mockatell.strategies import rehearse\n"
        "def test_2():\n    with rehearse(3):\n        pass",
        "async def awaited(mockatell):\n    await mockatell.aio.converges([], state='/x')\n"
        "def test_3(mockatell):\n    import asyncio\n    asyncio.run(awaited(mockatell))",
    )
    for text, line, words in zip(
        texts,
        (
            "clickatell.mock(3)",
            "with rehearse(3):",
            "await mockatell.aio.converges([], state='/x')",
        ),
        (
            "mock() takes a respx router, such as",
            "app must be an ASGI app",
            "a WSGI app blocks its",
        ),
        strict=True,
    ):
        assert f"ConfigurationError: {words}" in " ".join(text.split())
        assert f">       {line}" in text or f">   {line}" in text
        assert "mockatell/rooms" not in text
        assert "contextlib.py" not in text


@pytest.mark.parametrize(("fixture", "words"), FIXTURES.values(), ids=FIXTURES)
def test_what_the_fixtures_return(reported, fixture, words):
    [text] = reported(f"@pytest.fixture\n{fixture}\n\ndef test_it(mockatell):\n    pass")
    assert text.startswith("mockatell: ")
    assert words in text
    assert len(text.splitlines()) == 1


def test_what_the_marker_says(reported):
    tests = [
        f"@pytest.mark.mockatell({given})\ndef test_{i}(mockatell):\n    pass"
        for i, given in enumerate(MARKERS)
    ]
    for text, words in zip(reported(*tests), MARKERS.values(), strict=True):
        assert text.startswith(f"mockatell: {words}"), words
        assert len(text.splitlines()) == 1


def test_the_marker_s_faults_are_not_passed_over(reported):
    marker = "@pytest.mark.mockatell(scenario='conversation', faults=[{'duplicate': {}}])\n"
    texts = reported(
        f"{marker}def test_1(mockatell):\n    mockatell.send(moText())",
        f"{marker}def test_2(mockatell):\n    mockatell.follow([moText()], Schedule((0,)))",
        f"{marker}def test_3(mockatell):\n    mockatell.converges([moText()], state='/')",
        f"{marker}def test_4(mockatell):\n    mockatell.run()\n    mockatell.send(moText())\n"
        "    assert not mockatell.journal",
    )
    said = (
        "ConfigurationError: the marker's faults hold for the scenario that run() plays, and this"
    )
    assert [said in " ".join(text.split()) for text in texts] == [True, True, True, False]
    assert all("mockatell/rooms" not in text for text in texts)


def test_what_is_held_back_when_a_test_ends_is_said(pytester):
    held = (
        "def test_{}(mockatell):\n    mockatell.pause()\n"
        "    mockatell.send(moText(message_id='r1'))\n"
    )
    pytester.makepyfile(
        START
        + held.format("passes")
        + held.format("fails")
        + "    assert mockatell.journal\n"
        + held.format("asserts")
        + "    mockatell.assert_all_acknowledged()\n"
        + held.format("resumes")
        + "    mockatell.resume()\n"
    )
    strict = pytester.runpytest("-p", "no:asyncio", "-W", "error", "-k", "passes")
    strict.assert_outcomes(passed=1, errors=1)
    assert "pytest_plugin.py" not in strict.stdout.str()
    result = pytester.runpytest("-p", "no:asyncio", "-W", "default")
    result.assert_outcomes(passed=2, failed=2, warnings=1)
    line = "*#1 moText of message r1 to the reply endpoint"
    result.stdout.fnmatch_lines(
        [
            "*mockatell: held back, and never sent*",
            line,
            "E *AssertionError: nothing was sent yet: resume(), or let the clock advance",
            line,
            "*PytestWarning: mockatell: the test ended while deliveries were held back:",
            line,
        ]
    )
    assert result.stdout.str().count("to the reply endpoint") == 3


def test_the_other_fixture_takes_no_other_marker(reported):
    [text] = reported("@pytest.mark.mockatell(sced=1)\ndef test_it(clickatell):\n    pass")
    assert (
        text
        == "mockatell: the marker mockatell does not take 'sced' (it takes faults, scenario, seed)"
    )


def test_a_message_that_is_not_known_is_told_the_nearest(reported):
    first, second, third = reported(
        "def test_1(mockatell):\n    mockatell.status('order-17', 'READ')\n"
        "    mockatell.assert_retried('order-71', times=0)",
        "def test_2(mockatell):\n    mockatell.pause()\n    mockatell.status('order-17', 'READ')\n"
        "    mockatell.run_until_acknowledged('order-71')",
        "def test_3(mockatell):\n    mockatell.pause()\n"
        "    mockatell.send(moText(message_id='r1'))\n    mockatell.run_until_acknowledged('z')",
    )
    told = "nothing was sent about message 'order-71' (did you mean 'order-17'?)"
    assert f"AssertionError: {told}" in first
    assert f"ConfigurationError: {told}" in second
    assert "about message 'z' (valid: r1)" in third


def test_nothing_is_sent_of_what_is_refused(reported):
    [text] = reported(
        "def test_it(mockatell):\n    with pytest.raises(Exception, match='no event'):\n"
        "        mockatell.send(moText('one'), 'two')\n    mockatell.run_until_quiet()\n"
        "    mockatell.assert_all_acknowledged()"
    )
    assert "nothing was sent, so nothing was acknowledged" in text
