"""What README.md and docs/pytest.md show of the fixture runs, and leaves no factory out."""

import inspect
import re

import pytest

import mockatell
from mockatell.core import factories

PAGES = ("README.md", "pytest.md")
PAGE = "pytest.md"
MYAPP = """
from contextlib import asynccontextmanager
from fastapi import FastAPI, Request

GUARDED = {guarded}
STATUSES, ANSWERS, PHASES = {{}}, {{}}, []

@asynccontextmanager
async def life(app):
    PHASES.append("up")
    yield
    PHASES.append("down")

app = FastAPI(lifespan=life)

def is_shut_down():
    return PHASES[-1] == "down"

def forget_all():
    STATUSES.clear()
    ANSWERS.clear()

def answers_to(message_id):
    return ANSWERS.get(message_id, [])

def status_of(message_id):
    return STATUSES[message_id]["status"]

@app.post("/clickatell/status{slash}")
async def status(request: Request):
    for event in (await request.json())["event"].get("messageStatusUpdate", ()):
        known = STATUSES.get(event["messageId"], event)
        if known["timestamp"] <= event["timestamp"] or not GUARDED:
            STATUSES[event["messageId"]] = event

@app.get("/messages/{{message_id}}")
async def show(message_id: str):
    return STATUSES.get(message_id, {{"status": None}})

@app.post("/clickatell/reply{slash}")
async def reply(request: Request):
    for event in (await request.json())["event"].get("moText", ()):
        answered = ANSWERS.setdefault(event["messageId"], [])
        if not (answered and GUARDED):
            answered.append("Thank you")
"""
CONFTEST = """
import myapp, pytest

@pytest.fixture(autouse=True)
def forgotten():
    yield
    assert myapp.PHASES.count("up") == myapp.PHASES.count("down")
    myapp.forget_all()
"""
NEEDING = re.compile(
    r"<!-- needs a project[^>]*-->\n+```python\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
INI = """
[pytest]
filterwarnings = error
pythonpath = .
asyncio_default_fixture_loop_scope = function
"""


@pytest.fixture
def run(pytester, shown):
    def run(page, *, guarded=True, slash=""):
        pytester.makeini(INI)
        pytester.makeconftest(CONFTEST)
        pytester.makepyfile(
            myapp=MYAPP.format(guarded=guarded, slash=slash), test_page="\n".join(shown(page))
        )
        return pytester.runpytest_subprocess()

    return run


@pytest.fixture
def shown(code, text):
    """The page's Python, but for what says that it needs a project."""

    def shown(page):
        needing = NEEDING.findall(text[page])
        return [block for block in code(page, "python") if block not in needing]

    return shown


@pytest.mark.parametrize("shown_in", PAGES)
def test_what_is_shown_passes_for_an_app_that_survives(shown_in, run, shown):
    tests = sum(block.count("def test_") for block in shown(shown_in))
    run(shown_in).assert_outcomes(passed=tests)


def test_what_the_readme_shows_fails_for_a_naive_app(run):
    result = run("README.md", guarded=False)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*assert 3 == 1", "*assert 'DEVICE_ACK' == 'READ'"])


def test_what_the_readme_shows_fails_for_an_app_that_redirects(run):
    result = run("README.md", slash="/")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["*redirected with 307*", "*AssertionError: not acknowledged: *"])


def test_the_readme_s_snippets_are_short(shown):
    blocks = shown("README.md")
    assert len(blocks) <= 3
    assert all(len([line for line in block.splitlines() if line]) < 10 for block in blocks)


def test_every_factory_is_listed_with_its_arguments(table):
    told = {
        name.strip("`"): re.findall(r"`(\w+)`", arguments)
        for name, _, arguments in table(PAGE, "Factories")
    }
    ten = [name for name in mockatell.__all__ if name[0].islower() and name in vars(factories)]
    ten.remove("conversation")
    assert sorted(told) == ten
    for name, arguments in told.items():
        taken = inspect.signature(getattr(mockatell, name)).parameters
        assert arguments == [argument for argument in taken if argument != "given"]


def test_what_factories_share_is_told(text):
    told = set(re.findall(r"`(\w+)`", text[PAGE].partition("The replies (`mo…`)")[2]))
    shared = {**factories._OfReply.__annotations__, **factories._OfMessage.__annotations__}
    assert shared.keys() <= told


def test_every_channel_is_the_factory_s_own(table):
    for name, channel, _ in table(PAGE, "Factories"):
        made = getattr(mockatell, name.strip("`"))()
        assert made.channel == channel.lower()


def test_the_verbs_are_the_fixture_s(table):
    from mockatell.rooms.fixture.fixture import Mockatell

    for cell, _ in table(PAGE, "The verbs"):
        for verb, arguments in re.findall(r"`(\w+)\((.*?)\)`", cell):
            taken = inspect.signature(getattr(Mockatell, verb)).parameters
            assert set(re.findall(r"\b\w{2,}", arguments)) <= set(taken), verb
