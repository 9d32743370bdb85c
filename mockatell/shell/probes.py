"""Looks at the customer's state, again until it is as expected or time is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import httpx
import tenacity

from mockatell.core.oracle import (
    Look,
    Query,
    Question,
    Subject,
    judge_answer,
    judge_looks,
    judge_rows,
    judged,
    queries,
    questions,
)
from mockatell.core.picking import picker
from mockatell.core.scenario.urls import masked
from mockatell.shell.databases import Database, UnseenError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from mockatell.core.scenario.spec import ProbeSpec
    from mockatell.model import Expectation

Asked = TypeVar("Asked", Question, Query, Subject)
Eye: TypeAlias = Callable[[Subject], object]
"""A function of the ids of a message that looks at its state; see `call`."""

AT_ONCE = 16
WITHIN = 5.0  # seconds that a function is called again until it holds
_PLAIN = {"Accept-Encoding": "identity"}
MOST_BYTES = 4 * 1024 * 1024  # of an answer; what is cut off there is no JSON
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5  # seconds between two looks


def check_eyes(spec: ProbeSpec) -> None:
    """See that what a probe needs is there.

    Raises:
        ConfigurationError: It needs an extra or a driver that is not installed.
    """
    if spec.sql:
        Database(spec.url)
    if spec.jmespath:
        picker(spec.jmespath, "jmespath")


async def probe(
    spec: ProbeSpec,
    about: Sequence[Subject],
    transport: httpx.AsyncBaseTransport,
    *,
    patient: bool,
) -> Expectation:
    """Ask about every message, and judge.

    Args:
        spec: The probe.
        about: The messages.
        transport: How to get there; the app itself, where it runs in process.
        patient: Whether to ask again until `within` is over; an app in virtual time has nothing
            left to do, so it is asked once.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    patience = spec.within if patient else 0.0
    if spec.sql:
        database = Database(spec.url)

        async def ask(query: Query) -> Look:
            async with gate:
                return await _found(database, spec, query)

        found = (_until_held(ask, query, patience) for query in queries(spec, about))
        return judge_looks(spec, await asyncio.gather(*found))
    # The transport is the caller's, so the client is not closed: it would close that as well.
    headers = _PLAIN | spec.headers
    client = httpx.AsyncClient(transport=transport, headers=headers, timeout=spec.within)

    async def look(question: Question) -> Look:
        async with gate:
            return await _look(client, question)

    looks = await asyncio.gather(*(_until_held(look, q, patience) for q in questions(spec, about)))
    return judge_looks(spec, looks)


async def _until_held(
    look: Callable[[Asked], Awaitable[Look]], question: Asked, patience: float
) -> Look:
    looking = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_result(lambda seen: not seen.held),
        wait=tenacity.wait_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
        stop=tenacity.stop_after_delay(patience),
        retry_error_callback=_last_look,
    )
    return await looking(look, question)


def _last_look(state: tenacity.RetryCallState) -> Look:
    assert state.outcome is not None
    seen: Look = state.outcome.result()
    return seen


async def _look(client: httpx.AsyncClient, question: Question) -> Look:
    try:
        async with client.stream("GET", question.url) as response:
            body = b"".join([chunk async for chunk in response.aiter_raw()])
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _not_seen(question, error)
    return _judged(question, response, body)


def probe_now(
    spec: ProbeSpec, about: Sequence[Subject], transport: httpx.BaseTransport
) -> Expectation:
    """Ask about every message once, on this thread, and judge."""
    if spec.sql:
        database = Database(spec.url)
        return judge_looks(spec, [_found_now(database, spec, q) for q in queries(spec, about)])
    headers = _PLAIN | spec.headers
    client = httpx.Client(transport=transport, headers=headers, timeout=spec.within)
    return judge_looks(spec, [_look_now(client, q) for q in questions(spec, about)])


def _look_now(client: httpx.Client, question: Question) -> Look:
    try:
        with client.stream("GET", question.url) as response:
            body = b"".join(response.iter_raw())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _not_seen(question, error)
    return _judged(question, response, body)


def _judged(question: Question, response: httpx.Response, body: bytes) -> Look:
    """Judge an answer; one that is compressed although nobody asked may be a bomb."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return Look(masked(question.url), None, response.status_code, "the answer is compressed")
    return judge_answer(question, response.status_code, body)


def _not_seen(question: Question, error: Exception) -> Look:
    return Look(
        masked(question.url), None, None, f"no answer: {str(error) or type(error).__name__}"
    )


async def _found(database: Database, spec: ProbeSpec, query: Query) -> Look:
    """A driver that waits for ever is not waited for."""
    try:
        async with asyncio.timeout(spec.within):
            return await asyncio.to_thread(_found_now, database, spec, query)
    except TimeoutError:
        return Look(str(query), None, None, f"no answer within {spec.within:g} s")


def _found_now(database: Database, spec: ProbeSpec, query: Query) -> Look:
    try:
        return judge_rows(query, database.rows(spec.sql, query.parameters))
    except UnseenError as error:
        return Look(str(query), None, None, str(error))


async def call(eye: Eye, about: Sequence[Subject], *, patient: bool) -> Expectation:
    """Let a function look at every message, and judge.

    It holds unless it returns False or fails an assertion; anything else that it raises is missing
    evidence. Patiently, it is called again for as long as a probe asks by default.
    """
    within = WITHIN if patient else 0.0

    async def look(subject: Subject) -> Look:
        return _called(eye, subject)

    looks = await asyncio.gather(*(_until_held(look, subject, within) for subject in about))
    return judged(_name(eye), looks)


def call_now(eye: Eye, about: Sequence[Subject]) -> Expectation:
    """As `call`, once and on this thread."""
    return judged(_name(eye), [_called(eye, subject) for subject in about])


def _called(eye: Eye, subject: Subject) -> Look:
    place = ", ".join(f"{name}={value}" for name, value in subject.items())
    try:
        seen = eye(subject)
    except AssertionError as error:
        return Look(place, held=False, seen=str(error) or "an assertion failed")
    except Exception as error:  # noqa: BLE001 -- a test's function may raise anything
        return Look(place, held=None, seen=f"raised {type(error).__name__}: {error}")
    return Look(place, held=seen is not False, seen="returned False" if seen is False else "")


def _name(eye: Eye) -> str:
    return f"probe: {getattr(eye, '__name__', type(eye).__name__)}()"
