"""The plugin in the company of others: pytest-asyncio, anyio and xdist, in runs of their own."""

import re

import pytest

APP = """
import pytest
from fastapi import FastAPI, Request
from mockatell import conversation, moText

@pytest.fixture
def received():
    return []

@pytest.fixture
def mockatell_target(received):
    app = FastAPI()

    @app.post("/callback")
    async def callback(request: Request):
        received.append((await request.json())["event"])

    return app

@pytest.fixture
def mockatell_config():
    return {"endpoints": {"status": "/callback", "reply": "/callback"}}
"""
COROUTINES = """
async def test_verbs(mockatell, received):
    await mockatell.aio.send(moText("STOP"))
    assert received[0]["moText"][0]["content"] == "STOP"
    await mockatell.aio.status("m1", "READ")
    await mockatell.aio.deliver(*conversation(message_id="m2"), order=(2, 1, 0), lost_acks=1)
    mockatell.assert_retried("m2", times=3)
    mockatell.assert_all_acknowledged()

async def test_time(mockatell, received):
    mockatell.pause()
    await mockatell.aio.send(moText("one"))
    assert not received
    await mockatell.aio.advance("1s")
    assert len(received) == 1
    await mockatell.aio.send(moText("two", message_id="r2"), moText("three"))
    await mockatell.aio.run_until_acknowledged("r2")
    assert len(received) == 2
    await mockatell.aio.resume()
    assert len(received) == 3

async def test_run(mockatell):
    journal = await mockatell.arun("conversation")
    assert journal.ended.acknowledged == journal.ended.deliveries
    await mockatell.arun("receipts")
    mockatell.assert_all_acknowledged()

async def test_nothing_stays_behind(mockatell):
    import asyncio
    before = asyncio.all_tasks()
    async with mockatell.aio:
        await mockatell.aio.send(moText("STOP"))
    assert asyncio.all_tasks() == before

async def test_what_blocks_says_what_to_do(mockatell):
    with pytest.raises(Exception, match="await mockatell.arun"):
        mockatell.run("conversation")

def test_a_function_beside_them(mockatell, received):
    mockatell.send(moText("STOP"))
    assert len(received) == 1
"""
WITH = {
    "pytest-asyncio": (
        "addopts = -p no:anyio\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function",
        "",
    ),
    "anyio": (
        "addopts = -p no:asyncio",
        """
pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "asyncio"
""",
    ),
}


@pytest.fixture
def run(pytester):
    def run(tests, *args, ini="addopts = -p no:asyncio"):
        pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ini}\n")
        pytester.makepyfile(APP + tests)
        return pytester.runpytest_subprocess(*args)

    return run


@pytest.mark.parametrize("company", WITH)
def test_coroutines(run, company):
    ini, start = WITH[company]
    run(start + COROUTINES, ini=ini).assert_outcomes(passed=6)


def test_a_wsgi_app_is_not_awaited(run):
    ini, start = WITH["anyio"]
    wsgi = """
@pytest.fixture
def mockatell_target():
    from flask import Flask
    return Flask("app")

async def test_aio(mockatell):
    with pytest.raises(Exception, match="a WSGI app blocks its thread"):
        await mockatell.aio.send(moText("STOP"))

async def test_arun(mockatell):
    with pytest.raises(Exception, match="a WSGI app blocks its thread"):
        await mockatell.arun("receipts")

@pytest.mark.parametrize("blocking", [
    lambda m: m.run("receipts"),
    lambda m: m.send(moText("STOP")),
    lambda m: m.clock.advance("1s"),
    lambda m: m.run_until_quiet(),
    lambda m: m.converges([moText("STOP")], state="/"),
])
async def test_nor_does_it_block_a_loop(mockatell, blocking):
    with pytest.raises(Exception, match="inside a running event loop: use a plain test"):
        blocking(mockatell)
    assert not mockatell.journal and mockatell.rehearsal.agenda.next_due() is None
"""
    run(start + wsgi, ini=ini).assert_outcomes(passed=7)


@pytest.mark.parametrize("given", [(), ("--mockatell-seed=7",)])
def test_workers_share_the_seed(run, given):
    tests = """
@pytest.mark.parametrize("number", range(8))
def test_seed(mockatell, number, worker_id):
    mockatell.send(moText("STOP"))
    mockatell.assert_all_acknowledged()
    print(f"told {worker_id} {mockatell.seed} {mockatell.journal[0].message_id}")
"""
    result = run(tests, "-n", "2", "-rP", *given)
    result.assert_outcomes(passed=8)
    out = result.stdout.str()
    [seed] = set(re.findall(r"^mockatell: seed (\d+)", out, re.MULTILINE))
    told = re.findall(r"^told (\S+) (\S+) (\S+)", out, re.MULTILINE)
    workers, seeds, ids = map(set, zip(*told, strict=True))
    assert workers == {"gw0", "gw1"}
    assert seeds == {seed}
    assert len(ids) == 1
