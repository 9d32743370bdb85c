"""`mockatell.aio`: in the loops of pytest-asyncio, of anyio, and of nobody's."""

import fastapi
import pytest

from mockatell.rooms.fixture import setup

IMPORTED = (fastapi, setup)  # see test_plugin.py

APP = """
import asyncio, threading

BEFORE = set(threading.enumerate())
from contextlib import asynccontextmanager
import pytest
from fastapi import FastAPI, Request
from mockatell import conversation, moText

EVENTS, REPLIES = [], []

@pytest.fixture(autouse=True)
def forgotten():
    EVENTS.clear()
    REPLIES.clear()

@asynccontextmanager
async def life(app):
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    EVENTS.append("up")
    yield {"loop": loop}
    await asyncio.sleep(0)
    same = asyncio.current_task() is task and asyncio.get_running_loop() is loop
    EVENTS.append("down" if same else "down elsewhere")

@pytest.fixture
def mockatell_config():
    return {"endpoints": {"status": "/", "reply": "/"}}

@pytest.fixture
def mockatell_target():
    app = FastAPI(lifespan=life)

    @app.post("/")
    async def callback(request: Request):
        assert request.state.loop is asyncio.get_running_loop()
        event = (await request.json())["event"]
        REPLIES.extend(reply["content"] for reply in event.get("moText", []))
        return {}

    @app.get("/replies")
    async def show():
        return sorted(set(REPLIES))

    return app
"""
TESTS = """
{head}
@{mark}
async def test_it(mockatell):
    assert EVENTS == []
    await mockatell.aio.send(moText("one"))
    mockatell.pause()
    await mockatell.aio.send(moText("two"))
    await mockatell.aio.advance("1m")
    await mockatell.aio.resume()
    await mockatell.arun("conversation")
    assert REPLIES[:2] == ["one", "two"]
    mockatell.assert_all_acknowledged()
    assert EVENTS == ["up"]

@pytest.fixture(autouse=True)
def looking(forgotten):
    # Set up before `mockatell`, so it looks after that has gone.
    yield
    if REPLIES:
        assert EVENTS == ["up", "down"]

@{mark}
async def test_the_app_s_life_is_the_test_s(mockatell):
    await mockatell.aio.send(moText("again"))
    assert EVENTS == ["up"]

@{mark}
async def test_in_a_block(mockatell):
    async with mockatell.aio as aio:
        await aio.send(moText("one"))
        assert EVENTS == ["up"]
    assert EVENTS == ["up", "down"]

def test_after():
    assert set(threading.enumerate()) <= BEFORE
"""
PLAIN = ("-p", "no:asyncio")
PLUGINS = {
    "pytest-asyncio": ((), "", "pytest.mark.asyncio"),
    "pytest-asyncio, one loop for all": (
        (),
        "",
        'pytest.mark.asyncio(loop_scope="module")',
    ),
    "anyio": (
        PLAIN,
        "@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n",
        "pytest.mark.anyio",
    ),
    "anyio, one loop for all": (
        PLAIN,
        """
@pytest.fixture(scope="module")
def anyio_backend(): return 'asyncio'

@pytest.fixture(autouse=True, scope="module")
async def held(anyio_backend):
    yield
""",
        "pytest.mark.anyio",
    ),
}
INI = """
[pytest]
filterwarnings = error
asyncio_default_fixture_loop_scope = function
"""


@pytest.fixture
def run(pytester):
    def run(tests, *args):
        pytester.makeini(INI if "no:asyncio" not in args else INI.replace("asyncio_", "# "))
        pytester.makepyfile(APP + tests)
        return pytester.runpytest("-p", "no:django", *args)

    return run


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_app_lives_once_a_test_in_the_test_s_loop(run, plugin):
    args, head, mark = PLUGINS[plugin]
    run(TESTS.format(head=head, mark=mark), *args).assert_outcomes(passed=4)


def test_every_loop_of_a_test_has_a_life_of_the_app(run):
    run(
        """
async def main(mockatell):
    sending = [mockatell.aio.send(moText(str(number))) for number in range(5)]
    run, *sent = await asyncio.gather(mockatell.arun("conversation"), *sending)
    assert [len(journal) for journal in sent] == [1] * 5
    numbers = [{attempt.delivery for attempt in journal} for journal in (run, *sent)]
    assert len(set().union(*numbers)) == sum(map(len, numbers))

def test_loops(mockatell):
    asyncio.run(main(mockatell))
    assert EVENTS == ["up", "down"]
    asyncio.run(main(mockatell))
    assert EVENTS == ["up", "down"] * 2
    assert sorted(said for said in REPLIES if said in "01234") == sorted("0123401234")
    mockatell.send(moText("plain"))
    assert EVENTS == [*["up", "down"] * 2, "up"]
    mockatell.assert_all_acknowledged()
""",
        *PLAIN,
    ).assert_outcomes(passed=1)


FAILING = """
@asynccontextmanager
async def life(app):
    {startup}
    yield {{"loop": asyncio.get_running_loop()}}
    {shutdown}

@{mark}
async def test_it(mockatell):
    await mockatell.aio.send(moText("one"))
"""


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_shutdown_that_fails_is_an_error_of_the_test(run, plugin):
    args, head, mark = PLUGINS[plugin]
    tests = FAILING.format(startup="", shutdown="raise OSError('lost')", mark=mark)
    result = run(head + tests, *args)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*mockatell: the app's shutdown failed: OSError: lost*"])


def test_a_startup_that_fails_fails_the_verb(run):
    args, _, mark = PLUGINS["pytest-asyncio"]
    result = run(FAILING.format(startup="raise OSError('no')", shutdown="", mark=mark), *args)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ConfigurationError: the app's startup failed: OSError: no*"])


def test_a_loop_that_is_not_asyncio_s_is_refused(run):
    run(
        """
def test_trio(mockatell):
    from mockatell import ConfigurationError
    coroutine = mockatell.aio.send(moText("one"))
    with pytest.raises(ConfigurationError, match="needs asyncio"):
        coroutine.send(None)
""",
        *PLAIN,
    ).assert_outcomes(passed=1)


CONVERGING = """
import contextvars
from mockatell.rooms.fixture import convergence

STATES, THREADS, TRIES = {{}}, set(), []
ASKED = contextvars.ContextVar("asked", default=None)
TOLD = conversation(message_id="m1")

@asynccontextmanager
async def life(app):
    EVENTS.append("up")
    yield {{"loop": asyncio.get_running_loop()}}
    EVENTS.append("down")

@pytest.fixture
def mockatell_target():
    app = FastAPI(lifespan=life)

    @app.post("/")
    async def callback(request: Request):
        assert request.state.loop is asyncio.get_running_loop()
        for status in (await request.json())["event"]["messageStatusUpdate"]:
            if {guard}:
                STATES[status["messageId"]] = status["status"]
        return {{}}

    @app.get("/messages/{{message_id}}")
    async def show(message_id: str):
        return STATES.get(message_id)

    return app

async def looked(ids):
    await asyncio.sleep(0)
    THREADS.add(threading.current_thread())
    assert ASKED.get() == "the test"
    return STATES.get(ids["messageId"])

@{mark}
async def test_it(mockatell):
    ASKED.set("the test")
    found = await mockatell.aio.converges(TOLD, state=looked, most=60)
    assert (found.tried, found.finding) == (60, None)
    assert THREADS == {{threading.current_thread()}}
    await mockatell.aio.converges(TOLD, state="/messages/{{messageId}}", most=20)
    await mockatell.aio.converges(
        TOLD, state=lambda ids: STATES.get("m1"), reset=STATES.clear, most=20
    )
    assert EVENTS == ["up"]
    with pytest.raises(Exception, match="takes"):
        await mockatell.aio.converges(TOLD, state=lambda: None)

@{mark}
async def test_a_test_that_is_given_up(mockatell):
    begun = asyncio.Event()

    async def state(ids):
        TRIES.append(ids)
        begun.set()
        await asyncio.Event().wait()

    trying = asyncio.create_task(mockatell.aio.converges(TOLD, state=state))
    await begun.wait()
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying

def test_after():
    for thread in set(threading.enumerate()) - BEFORE:
        thread.join(5)
    assert set(threading.enumerate()) <= BEFORE
    assert len(TRIES) == 1
"""
RANKED = """(
    ("SENT_TO_SUPPLIER", "DEVICE_ACK", "READ").index(status["status"])
    >= ("SENT_TO_SUPPLIER", "DEVICE_ACK", "READ").index(
        STATES.get(status["messageId"], "SENT_TO_SUPPLIER")
    )
)"""


@pytest.mark.parametrize("plugin", PLUGINS)
def test_convergence_can_be_awaited(run, plugin):
    args, head, mark = PLUGINS[plugin]
    run(head + CONVERGING.format(mark=mark, guard=RANKED), *args).assert_outcomes(passed=3)


def test_what_does_not_converge_fails_the_coroutine(run):
    args, _, mark = PLUGINS["pytest-asyncio"]
    tests = CONVERGING.format(mark=mark, guard="True")
    result = run(tests, *args, "-k", "test_it")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*DivergedError: the endpoint does not converge*", "*1. DEVICE_ACK of message m1*"]
    )
    out = result.stdout.str()
    assert "await mockatell.aio.converges" in out
    assert "mockatell/rooms" not in out


WORKING = """
@asynccontextmanager
async def life(app):
    jobs = asyncio.Queue()

    async def work():
        while True:
            await jobs.get()
            jobs.task_done()

    worker = asyncio.create_task(work())
    yield {{"loop": asyncio.get_running_loop()}}
    jobs.put_nowait("the last")
    await jobs.join()
    worker.cancel()
    EVENTS.append("all done")

@{mark}
async def test_it(mockatell):
    await mockatell.aio.send(moText("one"))

@pytest.fixture(autouse=True)
def looking(forgotten):
    yield
    assert EVENTS == ["all done"]
"""


@pytest.mark.parametrize("plugin", [plugin for plugin in PLUGINS if "pytest-asyncio" in plugin])
def test_what_the_app_runs_beside_lives_until_its_shutdown(run, plugin):
    args, _, mark = PLUGINS[plugin]
    run(WORKING.format(mark=mark), *args).assert_outcomes(passed=1)
