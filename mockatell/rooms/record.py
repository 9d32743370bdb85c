"""The room where callbacks are taken in, passed on or acknowledged, and written as a scenario."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from mockatell.core.recording.recorder import Recorder
from mockatell.core.recording.writing import as_scenario
from mockatell.errors import InputError, OutputError
from mockatell.model import Frozen
from mockatell.rng import chosen_seed
from mockatell.shell.dialogue import Limits, Outgoing, serve
from mockatell.shell.forwarding import Forwarder

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from mockatell.core.recording.recorder import Recording
    from mockatell.shell.clock import Clock
    from mockatell.shell.dialogue import Incoming
    from mockatell.shell.drivers.asynchronous import Stop
    from mockatell.shell.filing import WholeFile
    from mockatell.shell.senders.base import Timer

LIMITS: Final = Limits(idle=120.0, connections=256)
_RECORDED: Final = frozenset({"POST", "PUT"})
_UNAVAILABLE: Final = 503
_PAUSE: Final = 1.0  # seconds from one version of the file to the next, at least
_SHARE: Final = 20  # times as long as writing took


class RecordWishes(Frozen, frozen=True):
    """What is to be done with what comes.

    Args:
        forward: A URL to pass it on to; None: it is acknowledged.
        answer: The HTTP status to acknowledge with.
        timeout: Seconds that an answer to what is passed on is waited for.
        insecure: Whether any certificate will do there.
        count: After how many callbacks to end; None: not by their number.
        seconds: After how long to end; None: not by time.
        seed: What stands for what follows from it; drawn, and told to nobody, when None.
        keep: Texts that stay.
        ids: Whether ids stay.
        name: The scenario's.
        grace: Seconds that what is under way is given in the end.
    """

    forward: str | None = None
    answer: int = 200
    timeout: float = 30.0
    insecure: bool = False
    count: int | None = None
    seconds: float | None = None
    seed: int | None = None
    keep: tuple[str, ...] = ()
    ids: bool = False
    name: str = "recorded"
    grace: float = 5.0


class Passed(Frozen, frozen=True):
    """One request that came, without anything of what it said.

    Args:
        told: What it was, a word or two for each event.
        manner: See `Receipt`; "" where it was no callback.
        status: What was answered.
        took: Seconds until then.
        trouble: Why it could not be passed on.
    """

    told: tuple[str, ...]
    manner: str
    status: int
    took: float
    trouble: str = ""


class Proxy:
    """Stands where callbacks come in: one recording, from its first callback to its file.

    Args:
        wishes: What is to be done.
        file: Where the scenario goes.
        clock: The time on the wall.
        timer: What exchanges are measured with.
        tell: Called with every request as it has been answered.
        warn: Called with what goes wrong on the way.

    Raises:
        ConfigurationError: It cannot be forwarded to that URL.
    """

    def __init__(
        self,
        wishes: RecordWishes,
        file: WholeFile,
        clock: Clock,
        timer: Timer,
        *,
        tell: Callable[[Passed], None],
        warn: Callable[[str], None],
    ) -> None:
        self._wishes = wishes
        self._file = file
        self._clock = clock
        self._timer = timer
        self._tell = tell
        self._warn = warn
        self._recorder = Recorder(chosen_seed(wishes.seed), keep=wishes.keep, ids=wishes.ids)
        self._forwarder = None if wishes.forward is None else self._to(wishes.forward)
        self._taken = 0
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._enough = asyncio.Event()
        self._news = asyncio.Event()
        self._over = asyncio.Event()

    async def record(self, listener: socket.socket, stop: Stop) -> Recording:
        """Record until it is stopped, or has what it was to have.

        Args:
            listener: Bound and listening; closed in the end.
            stop: Ends it; asked again, what is under way is not waited for.

        Raises:
            OutputError: The file cannot be written.
        """
        listener.setblocking(False)
        serving = asyncio.create_task(serve(listener, self._answer, LIMITS))
        serving.add_done_callback(lambda _: self._enough.set())  # an error of ours
        writing = asyncio.create_task(self._keep_writing())
        await _any(stop.bell, self._enough, within=self._wishes.seconds)
        await _any(stop.at_once, self._idle, within=self._wishes.grace)
        serving.cancel()
        self._over.set()
        await asyncio.wait([serving, writing])
        if self._forwarder is not None:
            await self._forwarder.aclose()
        recording = self._recorder.recording()
        self._write(recording)
        if not serving.cancelled():
            await serving
        return recording

    async def _answer(self, incoming: Incoming) -> Outgoing:
        began = self._timer()
        self._under_way += 1
        self._idle.clear()
        try:
            if incoming.method not in _RECORDED:
                answer, trouble = await self._passed_on(incoming)
                self._say((incoming.method,), "", answer, began, trouble)
                return answer
            receipt = self._recorder.take(incoming.body, self._clock.now())
            self._taken += 1
            answer, trouble = await self._passed_on(incoming)
            self._recorder.answered(incoming.body, None if trouble else answer.status)
            self._news.set()
            self._say(receipt.told, receipt.manner, answer, began, trouble)
            return answer
        finally:
            self._leave()

    def _leave(self) -> None:
        """One request has been answered."""
        self._under_way -= 1
        if not self._under_way:
            self._idle.set()
        if self._wishes.count is not None and self._taken >= self._wishes.count:
            self._enough.set()

    def _say(
        self, told: tuple[str, ...], manner: str, answer: Outgoing, began: float, trouble: str
    ) -> None:
        self._tell(Passed(told, manner, answer.status, self._timer() - began, trouble))

    async def _passed_on(self, incoming: Incoming) -> tuple[Outgoing, str]:
        if self._forwarder is None:
            return Outgoing(self._wishes.answer), ""
        try:
            passed = await self._forwarder.forward(incoming)
        except InputError as error:  # no more sockets are to be had; the client may try again
            return Outgoing(_UNAVAILABLE), str(error)
        return passed.answer, passed.trouble

    def _to(self, url: str) -> Forwarder:
        wishes = self._wishes
        return Forwarder(url, self._timer, timeout=wishes.timeout, insecure=wishes.insecure)

    async def _keep_writing(self) -> None:
        """Bring the file up to date, so often that little is lost if nothing else can be done."""
        while True:
            await _any(self._news, self._over)
            if self._over.is_set():
                return
            self._news.clear()
            began = self._timer()
            try:
                await asyncio.to_thread(self._write, self._recorder.recording())
            except OutputError as error:
                self._warn(str(error))
            pause = max(_PAUSE, _SHARE * (self._timer() - began))
            await self._clock.wait_for(self._over, self._clock.now() + pause)

    def _write(self, recording: Recording) -> None:
        text = as_scenario(recording, name=self._wishes.name, ids=self._wishes.ids)
        if text is not None:
            self._file.write(text)


async def _any(*bells: asyncio.Event, within: float | None = None) -> None:
    """Wait until one of them rings."""
    waits = [asyncio.create_task(bell.wait()) for bell in bells]
    await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
