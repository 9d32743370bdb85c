"""The room for the other direction: the app under test sends, the test sees what was sent.

One stand-in for the One API, reached in three ways: as an httpx transport, as respx routes, and as
a live server on loopback. Ids that it hands out are those that the statuses then carry.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
from msgspec.structs import replace

from mockatell.clickatell.standin import ApiRequest, SentMessage, Standin, StandinSettings
from mockatell.core.differences import shown
from mockatell.core.drafts import draft_of
from mockatell.core.sending import Requests
from mockatell.errors import ConfigurationError
from mockatell.rng import Purpose, Stream
from mockatell.shell.http_server import HttpServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockatell.clickatell.lifecycles import Stage
    from mockatell.clickatell.standin import ApiResponse
    from mockatell.core.drafts import Draft
    from mockatell.shell.clock import Clock

    Moment = tuple[int, Stage]  # Unix time in milliseconds, and what happens then

PLATFORM = "https://platform.clickatell.com"
_MOST_PORT = 65535
_LIFE = 0  # apart from the streams that ids are drawn from


class SendSide:
    """Clickatell as the app under test sends to it.

    Args:
        seed: Draws the ids that are handed out, and the times of what then happens.
        clock: Gives the test's time, whoever keeps that when it is asked.
        settings: What the stand-in lets in, and how it answers.
        replay: The line that runs the test again.

    Attributes:
        sent: Every message that was accepted, in order.
        transport: For the app's own `httpx.Client` or `httpx.AsyncClient`.
    """

    def __init__(
        self,
        seed: int,
        clock: Callable[[], Clock],
        settings: StandinSettings | None = None,
        replay: str = "",
    ) -> None:
        self.sent: list[SentMessage] = []
        self.transport = StandinTransport(self)
        self._seed = seed
        self._clock = clock
        self._replay = replay
        self._standin = Standin(settings, seed=seed)
        self._lives: dict[str, tuple[Moment, ...]] = {}
        self._to_come: list[tuple[int, SentMessage, Stage]] = []
        self._requests = Requests()
        self._lock = Lock()
        self._server: HttpServer | None = None

    def handle(self, request: ApiRequest) -> ApiResponse:
        """Answer one request of the app's."""
        with self._lock:
            now_ms = self._now_ms()
            self._pass(now_ms)
            handled = self._standin.handle(request, now_ms)
            for message in handled.accepted:
                self._accept(message)
            self._requests.add(request, handled)
        return handled.response

    def answer(self, request: httpx.Request) -> httpx.Response:
        """As `handle`, for httpx and respx."""
        response = self.handle(_incoming(request))
        return httpx.Response(
            response.status, headers=list(response.headers), content=response.body
        )

    def mock(self, router: Any, base_url: str = PLATFORM) -> Any:
        """Let a `respx` router answer for the platform; gives its route.

        Raises:
            ConfigurationError: It is none.
        """
        if not callable(getattr(router, "route", None)):
            raise ConfigurationError(
                "mock() takes a respx router, such as the fixture `respx_mock` or what "
                f"respx.mock() gives, not {shown(router)}"
            )
        return router.route(url__startswith=base_url).mock(side_effect=self.answer)

    @property
    def url(self) -> str:
        """The base URL of a live stand-in on 127.0.0.1, started when it is first asked for."""
        server = self._server or self.listen("127.0.0.1", 0)
        return f"http://127.0.0.1:{server.port}"

    def listen(self, host: str, port: int) -> HttpServer:
        """Start a live stand-in; port 0 takes any that is free.

        Raises:
            ConfigurationError: Nothing can listen there, or this listens already.
        """
        if not 0 <= port <= _MOST_PORT:
            raise ConfigurationError(f"cannot listen on {host}:{port}: ports end at {_MOST_PORT}")
        if self._server is not None:
            raise ConfigurationError(f"the stand-in listens already, at {self.url}")
        try:
            self._server = HttpServer(self.handle, host=host, port=port)
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {error}") from None
        return self._server

    def statuses(self, *messages: SentMessage) -> tuple[Draft, ...]:
        """What will happen to these messages, or to all: events to `mockatell.deliver`.

        They come in the order in which they happen. Where time is virtual, each has the time at
        which it happens, and is not sent before.

        Raises:
            ConfigurationError: A message was not accepted by this stand-in.
        """
        chosen = messages or tuple(self.sent)
        events = [event for message in chosen for event in self._events(message)]
        return tuple(draft for _, draft in sorted(events, key=lambda event: event[0]))

    def sections(self) -> list[tuple[str, str]]:
        """What a failed test should show: titles and texts."""
        told = self._requests.told()
        text = "\n".join([*told, f"replay: {self._replay}"])
        return [("clickatell: what the app sent", text)] if told else []

    def close(self) -> None:
        """Stop the live stand-in, if there is one; its clients are hung up on."""
        if self._server is not None:
            self._server.close()

    def _now_ms(self) -> int:
        clock = self._clock()
        return clock.epoch_ms + int(clock.now() * 1000)

    def _accept(self, message: SentMessage) -> None:
        stream = Stream(self._seed, Purpose.SEND_API, _LIFE, len(self.sent))
        life = tuple(_life(message, stream))
        self.sent.append(message)
        self._lives[message.api_message_id] = life
        self._to_come += [(at_ms, message, stage) for at_ms, stage in life]

    def _pass(self, now_ms: int) -> None:
        """Let the stand-in know what has happened by now: it is asked, and keeps windows."""
        due = [each for each in self._to_come if each[0] <= now_ms]
        self._to_come = [each for each in self._to_come if each[0] > now_ms]
        for at_ms, message, stage in sorted(due, key=lambda each: each[0]):
            if stage.what == "status":
                self._standin.happened(
                    message.api_message_id, stage.name, at_ms, stage.channel or None
                )
            elif stage.what == "reply":
                self._standin.received(message.to, at_ms, message.answer.get("content"))

    def _events(self, message: SentMessage) -> Iterator[tuple[int, Draft]]:
        life = self._lives.get(getattr(message, "api_message_id", ""))
        if life is None:
            raise ConfigurationError(
                "statuses() takes messages of clickatell.sent, or none for all of them, "
                f"not {shown(message)}"
            )
        for at_ms, stage in life:
            draft = draft_of(stage, message.conversation, message.answer)
            if self._clock().virtual:
                draft = replace(draft, timestamp=at_ms, punctual=True)
            yield at_ms, draft


def settings_of(given: Any) -> StandinSettings:
    """The stand-in's settings from what a test gives: `StandinSettings`, or a dict of its keys.

    Raises:
        ConfigurationError: They are neither, or make no sense.
    """
    try:
        return msgspec.convert(given, StandinSettings)
    except msgspec.ValidationError as error:
        raise ConfigurationError(
            "the fixture `clickatell_settings` returns keys of StandinSettings, such as "
            f"{{'api_keys': ['secret']}}: {error}"
        ) from None


class StandinTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The stand-in as a transport: `httpx.Client(transport=clickatell.transport)`."""

    def __init__(self, send_side: SendSide) -> None:
        self._send_side = send_side

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a `Client`."""
        request.read()
        return self._send_side.answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an `AsyncClient`."""
        await request.aread()
        return self._send_side.answer(request)


def _incoming(request: httpx.Request) -> ApiRequest:
    return ApiRequest(
        request.method,
        request.url.path,
        request.url.query.decode("ascii"),
        tuple(request.headers.items()),
        request.content,
    )


def _life(message: SentMessage, stream: Stream) -> Iterator[Moment]:
    at = 0.0
    for stage in message.destiny:
        at += stream.uniform(stage.low, stage.high)
        yield message.accepted_ms + int(at * 1000), stage
