"""Clauses on first contact: a trusted connection, an answer, no redirect, in time."""

from __future__ import annotations

from ipaddress import ip_address
from math import ceil
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from mockatell.clickatell.events import ROLE_OF
from mockatell.core.check.judging import (
    broken,
    ending,
    endings,
    held,
    in_turn,
    judged,
    not_exercised,
    patiently,
)
from mockatell.core.check.rows import for_each
from mockatell.core.check.words import Clause, Dress, Seen, Sending, Step, Weight
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Outcome, Role, Trouble

if TYPE_CHECKING:
    from mockatell.core.check.bench import Bench
    from mockatell.core.check.words import Script

_BOTH: Final = tuple(Role)
_SAMPLE: Final = 20
_MARGIN: Final = 0.5
_SHUT: Final = frozenset({401, 403, 404, 405, 407, 410, 501})


def certificate(bench: Bench) -> Script:
    """The certificate is one that a client without special settings trusts."""
    if bench.terms.in_process:
        return not_exercised("an app in process has no certificate")
    secure = [role for role in _BOTH if _is_https(bench, role)]
    seen: list[Seen] = []
    for role in secure:
        sending = replace(bench.plain(role=role), dress=Dress.TRUSTING_NOBODY)
        seen += yield Step((sending,))
    if not secure:
        return not_exercised("the URL begins with http: there is no certificate")
    failed = [each for each in seen if each.answer.trouble is Trouble.TLS]
    if failed:
        return broken(f"no trusted TLS session: {failed[0].answer.detail}", failed)
    if not all(each.connected for each in seen):
        return not_exercised(f"no connection came about: {endings(seen)}", seen)
    authority = bench.terms.endpoints[secure[0]].tls.ca
    return held(f"trusted by {authority}" if authority else "trusted by the system's authorities")


def encrypted(bench: Bench) -> Script:
    """Callbacks travel over https."""
    yield from ()
    if bench.terms.in_process:
        return not_exercised("the app runs in process")
    plain = [role for role in _BOTH if not _is_https(bench, role)]
    if not plain:
        return held("https")
    if all(_is_local(bench.terms.endpoints[role].url) for role in plain):
        return not_exercised("http to an address of this machine or network says nothing")
    return broken(f"http, to the {' and the '.join(plain)} endpoint", ())


def answers(bench: Bench) -> Script:
    """Something answers HTTP within the timeout; the first request may be a cold start."""
    seen = yield from in_turn([bench.plain(), bench.plain()])
    answered = [each for each in seen if each.answer.status_code is not None]
    if answered:
        return held(f"answered {answered[-1].answer.status_code}", answered)
    if not any(each.connected for each in seen):
        return not_exercised(f"not one connection came about: {seen[-1].answer.detail}", seen)
    if seen[-1].answer.trouble is Trouble.TLS:
        return not_exercised("no trusted TLS session: see tls-certificate", seen)
    return broken(endings(seen), seen)


def not_redirected(bench: Bench) -> Script:
    """The answer to a plain callback is not 3xx."""
    seen = yield from patiently(bench.plain())
    if seen.answer.status_code is None:
        return not_exercised(f"there was no answer: {ending(seen)}", [seen])
    if seen.outcome is Outcome.REDIRECTED:
        return broken(f"{ending(seen)} ({seen.answer.detail})", [seen])
    return held(f"answered {seen.answer.status_code}", [seen])


def lets_in(bench: Bench) -> Script:
    """Not everything is refused alike, as at a wrong path or before a login."""
    kinds = [kind for kind, role in ROLE_OF.items() if role is bench.role]
    callbacks = [bench.event(kind, bench.form_of(kind, prompted=False)) for kind in kinds]
    seen: list[Seen] = []
    for callback in (*callbacks, bench.plain().callback):
        seen.append((yield from patiently(Sending(callback, f"a plain {callback.kind}"))))
        if seen[-1].answer.status_code not in _SHUT or ending(seen[-1]) != ending(seen[0]):
            return held(f"not every kind is {ending(seen[0])}" if len(seen) > 1 else "it does")
    return broken(f"every kind is {ending(seen[0])}: is the URL right?", seen)


def in_time(bench: Bench) -> Script:
    """Nineteen of twenty plain callbacks are answered within the timeout."""
    seen = yield from in_turn(bench.plain() for _ in range(_SAMPLE))
    late = [each for each in seen if each.outcome is Outcome.TIMED_OUT]
    if any(not each.acknowledged for each in seen if each not in late):
        return judged(seen, _SAMPLE)
    times = sorted(each.answer.took for each in seen)
    p95 = _quantile(times, 0.95)
    numbers = {"p50_s": _quantile(times, 0.5), "p95_s": p95, "max_s": times[-1]}
    limit = bench.endpoint.timeout
    told = (
        f"p95 {format_seconds(p95)} of {len(times)} requests, allowed are {format_seconds(limit)}"
    )
    if p95 >= limit or len(late) > 1:
        return broken(f"{endings(late)}: {told}", late or seen, **numbers)
    return held(told, (), **numbers)


def with_margin(bench: Bench) -> Script:
    """It takes no more than half of what is taken to be allowed."""
    yield from ()
    times = bench.memory.rulings[f"{bench.role}-in-time"].numbers
    limit = bench.endpoint.timeout * _MARGIN
    told = f"p95 {format_seconds(times['p95_s'])}, half of the timeout is {format_seconds(limit)}"
    return held(told) if times["p95_s"] <= limit else broken(told, ())


def _quantile(times: list[float], share: float) -> float:
    return times[ceil(share * len(times)) - 1]


def _is_https(bench: Bench, role: Role) -> bool:
    return bench.terms.endpoints[role].url.lower().startswith("https:")


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))


CONTACT: Final = (
    Clause(
        id="tls-certificate",
        roles=_BOTH,
        rule="The certificate of an HTTPS endpoint is valid.",
        meaning=(
            "Clickatell verifies the certificate when it calls. One that is self-signed, expired, "
            "made out for another name, or sent without its intermediate, means that no callback "
            "arrives at all."
        ),
        row="https-certificate",
        play=certificate,
    ),
    Clause(
        id="https",
        roles=_BOTH,
        rule="The endpoint is reached over HTTPS.",
        meaning=(
            "One page of the vendor's asks for HTTPS. Callbacks hold phone numbers and what people "
            "wrote, and over http also the secret in the URL is readable on the way."
        ),
        weight=Weight.ADVICE,
        row="plain-http",
        play=encrypted,
    ),
    *for_each(
        "answers",
        answers,
        needs=(),
        rule="A callback is answered with HTTP within the timeout.",
        meaning=(
            "Without an answer in time the platform sends the callback again, although the work "
            "may have been done. Answer first (204 will do) and work afterwards."
        ),
        row="timeout",
    ),
    *for_each(
        "not-redirected",
        not_redirected,
        needs=("{role}-answers",),
        rule="A callback is not answered with a redirect.",
        meaning=(
            "A 3xx is the one answer that is not retried, and it is taken not to be followed: "
            "every callback is lost. Configure the final URL: trailing slash, https, no login page."
        ),
        row="redirect-not-retried",
    ),
    *for_each(
        "lets-callbacks-in",
        lets_in,
        needs=("{role}-not-redirected",),
        rule="The URL takes callbacks: not all of them are refused alike (401, 403, 404, 405 …).",
        meaning=(
            "Nothing gets through. Look at the path, the method (POST), CSRF protection, and at "
            "credentials: what your endpoint expects is to be given here as well."
        ),
        row="acknowledged-by-2xx",
    ),
)

SPEED: Final = (
    *for_each(
        "in-time",
        in_time,
        rule="Callbacks are answered fast enough (95 in 100 within the timeout).",
        meaning=(
            "What is answered too late is sent again, so that the slower an endpoint becomes, the "
            "more it has to do. Put the work in a queue and answer at once."
        ),
        row="timeout",
    ),
    *for_each(
        "in-good-time",
        with_margin,
        needs=("{role}-in-time",),
        rule="Callbacks are answered within half of the timeout.",
        meaning=(
            "How long the platform waits is not published, and under load everything is slower. "
            "Put the work in a queue and answer at once."
        ),
        weight=Weight.ADVICE,
        row="timeout",
    ),
)
