"""ASGI and WSGI apps in process: what they are given, and what their answers and raises become."""

import asyncio
import functools
import io
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import fastapi
import flask
import httpx
import pytest
from starlette.background import BackgroundTask
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, StreamingResponse

from mockatell.errors import ConfigurationError
from mockatell.model import Role, Trouble
from mockatell.shell.senders.apps import asgi_sender, is_asgi, is_wsgi, kind_of, wsgi_sender
from mockatell.shell.senders.asgi import AsgiTransport
from mockatell.shell.senders.lifespan import Life, lifespan
from mockatell.shell.senders.wsgi import WsgiTransport

HERE = Path(__file__).relative_to(Path.cwd())

URL = "https://elsewhere.invalid:99/a/%C3%A9?key=a%2Fb+c|d&x=%C3%A9"


@pytest.fixture
def ask(run, endpoint, exchange):
    """The answer of an ASGI app."""

    def start(app, url=URL, *, role=Role.STATUS, state=None, manner=None, **settings):
        async def main():
            endpoints = {Role.STATUS: endpoint(url, **settings)}
            sender = asgi_sender(
                app, endpoints, timer=time.monotonic, state=state, **(manner or {})
            )
            answer = await sender.send(exchange(role=role))
            await sender.aclose()
            return answer

        return run(main())

    return start


@pytest.fixture
def ask_wsgi(endpoint, exchange):
    """The answer of a WSGI app."""

    def start(app, url=URL, *, timer=time.monotonic, manner=None, **settings):
        endpoints = {Role.STATUS: endpoint(url, **settings)}
        sender = wsgi_sender(app, endpoints, timer=timer, **(manner or {}))
        answer = sender.send(exchange())
        sender.close()
        return answer

    return start


def answering(status=200, body=b"ok", headers=()):
    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


# ASGI


def test_what_a_bare_app_is_given(ask):
    seen = {}

    async def app(scope, receive, send):
        seen.update(scope, message=await receive())
        await answering(204, b"")(scope, receive, send)

    answer = ask(app, headers=(("X-Env", "Test"),), state={"db": 1})
    assert (answer.status_code, answer.detail) == (204, None)
    assert seen == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "server": ("testserver", 443),
        "client": ("127.0.0.1", 50_000),
        "root_path": "",
        "path": "/a/é",
        "raw_path": b"/a/%C3%A9",
        "query_string": b"key=a%2Fb+c|d&x=%C3%A9",
        "headers": [
            (b"host", b"testserver"),
            (b"content-type", b"application/json"),
            (b"accept", b"*/*"),
            (b"content-length", b"7"),
            (b"x-env", b"Test"),
        ],
        "state": {"db": 1},
        "message": {"type": "http.request", "body": b'{"a":1}', "more_body": False},
    }


def test_a_role_without_an_endpoint_is_sent_to_the_root(ask):
    paths = []

    async def app(scope, receive, send):
        paths.append(scope["raw_path"])
        await answering()(scope, receive, send)

    assert ask(app, role=Role.REPLY).status_code == 200
    assert ask(app, "").status_code == 200
    assert paths == [b"/", b"/"]


def test_a_fastapi_app(ask):
    app = fastapi.FastAPI()

    @app.post("/clickatell/status", status_code=202)
    async def handler(a: Annotated[int, fastapi.Body(embed=True)], key: str):
        return {"a": a, "key": key}

    answer = ask(app, "http://localhost:8000/clickatell/status?key=s%2Fx")
    assert (answer.status_code, answer.detail) == (202, '{"a":1,"key":"s/x"}')
    assert ask(app, "/nowhere").status_code == 404
    assert ask(app, "/clickatell/status").status_code == 422


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("asynchronous", [True, False])
def test_a_fastapi_app_that_raises_is_named(ask, debug, asynchronous):
    app = fastapi.FastAPI(debug=debug)

    def broken():
        return 1 / 0

    async def handler():
        return broken()

    def on_a_thread():
        return broken()

    app.post("/")(handler if asynchronous else on_a_thread)
    answer = ask(app, "/", timeout=5.0)
    line = broken.__code__.co_firstlineno + 1
    assert (answer.status_code, answer.trouble) == (500, None)
    assert answer.detail == f"ZeroDivisionError: division by zero at {HERE}:{line} in broken"
    assert answer.traceback.startswith("Traceback (most recent call last)")
    assert "return 1 / 0" in answer.traceback


def test_a_raise_behind_middleware_and_a_status_of_the_app_s_own(ask):
    app = fastapi.FastAPI()

    async def passing(request, call_next):
        return await call_next(request)

    app.add_middleware(BaseHTTPMiddleware, dispatch=passing)

    @app.exception_handler(Exception)
    async def sorry(_request, _error):
        return PlainTextResponse("sorry", 503)

    @app.post("/")
    async def handler():
        raise LookupError("s3cret")

    answer = ask(app, "/", manner={"scrub": lambda text: text.replace("s3cret", "***")})
    assert answer.status_code == 503
    assert answer.detail.startswith(f"LookupError: *** at {HERE}:")
    assert "s3cret" not in answer.traceback


def test_a_background_task_that_raises_comes_too_late_for_the_status(ask):
    def broken():
        raise RuntimeError("later")

    app = fastapi.FastAPI()

    @app.post("/")
    async def handler():
        return PlainTextResponse("thanks", 202, background=BackgroundTask(broken))

    answer = ask(app, "/", timeout=5.0)
    assert answer.status_code == 202
    assert answer.detail.startswith(f"RuntimeError: later at {HERE}:")


def test_a_background_task_is_waited_for_and_cut_off(ask):
    done = []

    async def background():
        done.append("begun")
        await asyncio.get_running_loop().create_future()

    async def app(scope, receive, send):
        await answering()(scope, receive, send)
        await background()

    answer = ask(app, timeout=0.05)
    assert (answer.status_code, answer.detail, answer.traceback) == (200, "ok", None)
    assert answer.took < 0.05
    assert done == ["begun"]


def test_an_app_is_told_when_the_client_is_gone(ask):
    messages = []

    async def app(scope, receive, send):
        await receive()
        await answering()(scope, receive, send)
        messages.append(await receive())

    assert ask(app).status_code == 200
    assert messages == [{"type": "http.disconnect"}]


@pytest.mark.parametrize("virtual", [False, True])
def test_a_hanging_app_is_cut_off(ask, virtual):
    ended = []

    async def app(_scope, receive, _send):
        try:
            await receive()
            await receive()
        finally:
            ended.append("cancelled")

    answer = ask(app, timeout=0.05, manner={"virtual": virtual})
    assert (answer.status_code, answer.trouble) == (None, Trouble.TIMEOUT)
    assert answer.detail == "no whole answer within 0.05 s"
    assert ended == ["cancelled"]
    assert answer.took == 0.05 if virtual else answer.took >= 0.05


def test_an_app_that_blocks_the_loop_is_late_all_the_same(ask):
    async def app(scope, receive, send):
        time.sleep(0.06)  # noqa: ASYNC251 -- the fault that is tested
        await answering()(scope, receive, send)

    assert ask(app, timeout=0.05).trouble is Trouble.TIMEOUT


def test_virtual_time_stands_still_in_an_exchange(ask, ask_wsgi):
    answer = ask(answering(), manner={"virtual": True})
    assert (answer.status_code, answer.waited, answer.took) == (200, 0.0, 0.0)
    answer = ask_wsgi(plain, manner={"virtual": True})
    assert (answer.status_code, answer.waited, answer.took) == (200, 0.0, 0.0)


async def _silent(_scope, _receive, _send):
    pass


async def _half(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"o", "more_body": True})


async def _half_then_raise(scope, receive, send):
    await _half(scope, receive, send)
    raise KeyError("x")


async def _body_first(_scope, _receive, send):
    await send({"type": "http.response.body", "body": b"o"})


async def _two_starts(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.start", "status": 200})


async def _cancels_itself(_scope, _receive, _send):
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("app", "status_code", "trouble", "detail"),
    [
        (_silent, 500, None, "the app returned without an answer"),
        (_half, None, Trouble.CLOSED, "the app ended in the middle of its answer"),
        (_half_then_raise, None, Trouble.CLOSED, f"KeyError: 'x' at {HERE}"),
        (_body_first, 500, None, "RuntimeError: http.response.body is out of place here"),
        (_two_starts, None, Trouble.CLOSED, "RuntimeError: http.response.start is out of place"),
        (_cancels_itself, 500, None, f"asyncio.exceptions.CancelledError at {HERE}"),
    ],
)
def test_apps_that_break_off(ask, app, status_code, trouble, detail):
    answer = ask(app)
    assert (answer.status_code, answer.trouble) == (status_code, trouble)
    assert answer.detail.startswith(detail)


def test_an_endless_body_is_hung_up_on(ask):
    sent = 0

    async def stream():
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1000

    app = fastapi.FastAPI()

    @app.post("/")
    async def handler():
        return StreamingResponse(stream())

    answer = ask(app, "/", timeout=5.0)
    assert (answer.status_code, answer.detail, answer.traceback) == (200, "x" * 200, None)
    assert sent < 100


def test_a_cancelled_exchange_cancels_the_app(run, endpoint, exchange):
    ended = []

    async def app(_scope, _receive, _send):
        begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("cancelled")

    begun = asyncio.Event()

    async def main():
        sender = asgi_sender(app, {Role.STATUS: endpoint("/", timeout=9.0)}, timer=time.monotonic)
        task = asyncio.create_task(sender.send(exchange()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended == ["cancelled"]

    run(main())


# WSGI


def plain(_environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"o", b"k"]


def test_what_a_bare_wsgi_app_is_given(ask_wsgi):
    seen = {}

    def app(environ, start_response):
        seen.update(environ, body=environ["wsgi.input"].read())
        return plain(environ, start_response)

    answer = ask_wsgi(app, headers=(("X-Env", "Té"), ("x-env", "2")))
    assert (answer.status_code, answer.detail) == (200, "ok")
    assert isinstance(seen.pop("wsgi.input"), io.BytesIO)
    assert seen.pop("wsgi.errors").writable()
    assert seen == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a/é".encode().decode("latin-1"),
        "QUERY_STRING": "key=a%2Fb+c|d&x=%C3%A9",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "testserver",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "7",
        "HTTP_ACCEPT": "*/*",
        "HTTP_X_ENV": "Té,2".encode().decode("latin-1"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "body": b'{"a":1}',
    }


@pytest.fixture
def shop():
    app = flask.Flask("shop")

    @app.post("/clickatell/status")
    def handler():
        return {"a": flask.request.json["a"], "key": flask.request.args["key"]}, 202

    @app.post("/broken")
    def broken():
        return 1 / 0

    return app


def test_a_flask_app(ask_wsgi, shop):
    answer = ask_wsgi(shop, "http://localhost/clickatell/status?key=a%2Fb|%C3%A9")
    assert answer.status_code == 202
    assert '"key":"a/b|\\u00e9"' in answer.detail
    assert ask_wsgi(shop, "/nowhere").status_code == 404


def test_a_flask_app_that_raises_is_named(ask_wsgi, shop):
    assert ask_wsgi(shop, "/broken").status_code == 500
    shop.testing = True
    answer = ask_wsgi(shop, "/broken")
    assert answer.status_code == 500
    assert answer.detail.startswith(f"ZeroDivisionError: division by zero at {HERE}:")
    assert answer.detail.endswith(" in broken")
    assert "return 1 / 0" in answer.traceback


class Parts:
    """A WSGI result that notes whether it was closed."""

    def __init__(self, parts, *, broken_close=False):
        self.parts = parts
        self.broken_close = broken_close
        self.closed = False

    def __iter__(self):
        yield from self.parts

    def close(self):
        self.closed = True
        if self.broken_close:
            raise ValueError("close")


def test_results_are_closed_and_read_to_the_limit(ask_wsgi):
    result = Parts(b"x" * 1000 for _ in iter(int, 1))

    def app(_environ, start_response):
        start_response("200 OK", [])
        return result

    answer = ask_wsgi(app)
    assert (answer.status_code, answer.detail, result.closed) == (200, "x" * 200, True)


def _late_start(_environ, start_response):
    """A generator answers only when it is read."""
    start_response("201 Created", [])
    yield b"made"


def _writes(_environ, start_response):
    start_response("200 OK", [])(b"written, ")
    return [b"returned"]


def _handles(_environ, start_response):
    start_response("200 OK", [])
    try:
        {}["x"]
    except LookupError as error:
        start_response("503 Sorry", [], (type(error), error, error.__traceback__))
    return [b"sorry"]


def _breaks_off(_environ, start_response):
    start_response("200 OK", [])
    yield b"o"
    raise LookupError("x")


def _body_first_wsgi(_environ, _start_response):
    return [b"ok"]


def _silent_wsgi(_environ, _start_response):
    return []


def _starts_twice(_environ, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


def _fails_to_close(_environ, start_response):
    start_response("200 OK", [])
    return Parts([b"ok"], broken_close=True)


@pytest.mark.parametrize(
    ("app", "status_code", "trouble", "detail"),
    [
        (_late_start, 201, None, "made"),
        (_writes, 200, None, "written, returned"),
        (_handles, 503, None, f"KeyError: 'x' at {HERE}"),
        (_breaks_off, None, Trouble.CLOSED, f"LookupError: x at {HERE}"),
        (_body_first_wsgi, 500, None, "RuntimeError: a body came before start_response"),
        (_silent_wsgi, 500, None, "the app returned without an answer"),
        (_starts_twice, 500, None, "RuntimeError: start_response was called twice"),
        (_fails_to_close, 200, None, f"ValueError: close at {HERE}"),
    ],
)
def test_what_wsgi_apps_may_do(ask_wsgi, app, status_code, trouble, detail):
    answer = ask_wsgi(app)
    assert (answer.status_code, answer.trouble) == (status_code, trouble)
    assert answer.detail.startswith(detail)


def test_a_slow_wsgi_app_is_late_when_it_has_returned(ask_wsgi):
    now = 0.0

    def slow(environ, start_response):
        nonlocal now
        now += 7.0
        return plain(environ, start_response)

    answer = ask_wsgi(slow, timer=lambda: now, timeout=5.0)
    assert (answer.trouble, answer.took) == (Trouble.TIMEOUT, 7.0)
    answer = ask_wsgi(slow, timer=lambda: now, timeout=5.0, manner={"virtual": True})
    assert (answer.trouble, answer.took) == (Trouble.TIMEOUT, 5.0)


def test_a_wsgi_app_stays_on_the_calling_thread_without_a_loop(ask_wsgi):
    def app(environ, start_response):
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        return plain(environ, start_response)

    assert ask_wsgi(app).status_code == 200


def test_httpx_can_use_the_apps_too(run):
    with httpx.Client(transport=WsgiTransport(plain, time.monotonic)) as client:
        assert client.get("http://h.invalid/").text == "ok"

    async def main():
        transport = AsgiTransport(answering(418), time.monotonic)
        async with httpx.AsyncClient(transport=transport) as client:
            assert (await client.get("http://h.invalid/")).status_code == 418

    run(main())


# What kind an app is


class AsgiInstance:
    async def __call__(self, scope, receive, send): ...


class AsgiClass:
    def __init__(self, scope, receive, send): ...

    def __await__(self): ...


class WsgiInstance:
    def __call__(self, environ, start_response): ...


def with_any(*args):
    return plain(*args)


class AsgiMethods:
    async def app(self, scope, receive, send): ...

    def wrapped(self, scope, receive, send):
        return self.app(scope, receive, send)


async def with_more(_extra, scope, receive, send): ...


@pytest.mark.parametrize(
    "app",
    [
        answering(),
        AsgiInstance(),
        AsgiClass,
        AsgiMethods().app,
        AsgiMethods().wrapped,
        functools.partial(with_more, 1),
        functools.partial(AsgiInstance()),
        fastapi.FastAPI(),
    ],
)
def test_asgi_apps(app):
    assert (is_asgi(app), is_wsgi(app), kind_of(app)) == (True, False, "asgi")


@pytest.mark.parametrize(
    "app",
    [plain, _late_start, WsgiInstance(), flask.Flask("x"), with_any],
)
def test_wsgi_apps(app):
    assert (is_asgi(app), is_wsgi(app), kind_of(app)) == (False, True, "wsgi")


async def async_pair(environ, start_response): ...


def make_app(): ...


@pytest.mark.parametrize(
    ("app", "match"),
    [
        (None, "not a NoneType$"),
        ("main:app", "not a str$"),
        (object(), "not a object$"),
        (asyncio, "not a module$"),
        (async_pair, r"not async_pair\(\)$"),
        (make_app, r"not make_app\(\); call the factory and give what it returns$"),
    ],
)
def test_what_is_no_app(app, match):
    assert not is_asgi(app)
    assert not is_wsgi(app)
    with pytest.raises(ConfigurationError, match=match):
        kind_of(app)


# Lifespan


def test_a_fastapi_lifespan(run, endpoint, exchange):
    events = []

    @asynccontextmanager
    async def life(_app):
        events.append("up")
        yield {"db": "open"}
        events.append("down")

    app = fastapi.FastAPI(lifespan=life)

    @app.post("/")
    async def handler(request: fastapi.Request):
        return request.state.db

    async def main():
        async with lifespan(app) as state:
            assert events == ["up"]
            sender = asgi_sender(
                app, {Role.STATUS: endpoint("")}, timer=time.monotonic, state=state
            )
            assert (await sender.send(exchange())).detail == '"open"'
        assert events == ["up", "down"]

    run(main())


async def _asserting(scope, _receive, _send):
    assert scope["type"] == "http"


async def _returning(_scope, receive, _send):
    await receive()


@pytest.mark.parametrize("app", [_asserting, _returning, _silent])
def test_an_app_without_a_lifespan_is_left_alone(run, app):
    async def main():
        async with lifespan(app) as state:
            assert state == {}

    run(main())


@pytest.mark.parametrize(
    ("phase", "error"), [("startup", "no database"), ("shutdown", "lost the database")]
)
def test_a_lifespan_that_fails(run, phase, error):
    @asynccontextmanager
    async def life(_app):
        if phase == "startup":
            raise OSError(error)
        yield
        raise OSError(error)

    async def main():
        with pytest.raises(ConfigurationError, match=f"the app's {phase} failed: OSError: {error}"):
            async with lifespan(fastapi.FastAPI(lifespan=life)):
                pass

    run(main())


def test_an_app_that_dies_between_startup_and_shutdown(run):
    async def app(_scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        raise OSError("gone")

    async def main():
        with pytest.raises(ConfigurationError, match="shutdown failed: OSError: gone"):
            async with lifespan(app):
                pass

    run(main())


def test_shutdown_follows_an_error_and_a_cancellation(run):
    async def app(_scope, receive, send):
        for phase in ("startup", "shutdown"):
            await receive()
            phases.append(phase)
            await send({"type": f"lifespan.{phase}.complete"})

    phases = []

    async def fail():
        async with lifespan(app):
            raise KeyError("ours")

    async def main():
        with pytest.raises(KeyError):
            await fail()
        assert phases == ["startup", "shutdown"]

    run(main())


def test_a_startup_that_hangs_can_be_cancelled(run):
    async def app(_scope, _receive, _send):
        await asyncio.get_running_loop().create_future()

    async def enter():
        async with lifespan(app):
            pass

    async def main():
        task = asyncio.create_task(enter())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


async def _lasting(_scope, receive, send):
    for phase in ("startup", "shutdown"):
        assert (await receive())["type"] == f"lifespan.{phase}"
        await send({"type": f"lifespan.{phase}.complete"})


async def _hanging_at_the_end(_scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await asyncio.get_running_loop().create_future()


async def _impatient(_scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    listening = asyncio.create_task(receive())
    await asyncio.sleep(0)
    listening.cancel()
    await asyncio.wait([listening])
    assert listening.cancelled()
    await receive()


@pytest.mark.parametrize(
    ("app", "failure"),
    [
        (_lasting, None),
        (_impatient, None),
        (_asserting, None),
        (_hanging_at_the_end, "the app's shutdown failed: it took longer than 0.01s"),
    ],
)
def test_the_end_of_its_loop_shuts_an_app_down(app, failure):
    lives = []

    async def main():
        lives.append(Life(app, grace=0.01))
        await lives[0].start()

    asyncio.run(main())
    if failure is None:
        lives[0].check()
    else:
        with pytest.raises(ConfigurationError, match=failure):
            lives[0].check()


def test_a_race_to_an_app_sends_all_at_once(run, endpoint, exchange):
    arrived = 0
    everyone = asyncio.Event()

    async def app(_scope, _receive, send):
        nonlocal arrived
        arrived += 1
        if arrived == 3:
            everyone.set()
        await everyone.wait()
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    async def main():
        sender = asgi_sender(app, {Role.STATUS: endpoint()}, timer=time.monotonic)
        finishes = await sender.race([exchange() for _ in range(3)])
        assert [(offset, answer.status_code) for offset, answer in finishes] == [(0.0, 200)] * 3
        await sender.aclose()

    run(main())
