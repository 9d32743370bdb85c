"""What must not show up in anything that is written: the customer's passwords, tokens and keys."""

from __future__ import annotations

import base64
import binascii
import json
import re
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from mockatell.core.scenario.urls import MASK, query_values, without_userinfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.core.scenario.spec import Scenario
    from mockatell.model import Endpoint

    Headers = Iterable[tuple[str, str]]

# What is shorter would mask half of every sentence.
_LEAST: Final = 4
_LEAST_IN_ANY_HEADER: Final = 8
TELLING: Final = (
    "api", "auth", "bearer", "cookie", "credential", "csrf", "jwt", "key", "pass", "secret",
    "session", "sig", "token",
)  # fmt: skip
_SCHEMES: Final = frozenset({"apikey", "basic", "bearer", "digest", "hmac", "negotiate", "token"})
_CUT: Final = "..."
_DRIVER: Final = re.compile(r"\+\w+(?=://)")  # of a database URL
_BETWEEN: Final = re.compile(r"[\s,;]+")


class Secrets:
    """Secrets, and how to take them out of a text.

    Args:
        texts: Each secret as it is; also found percent-encoded and as JSON, Python and HTML write
            it. Those of less than four characters are left alone.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        spelt = {form for text in texts if len(text) >= _LEAST for form in _forms(text)}
        # The longest first: one may begin with another one, whose rest would stay.
        self._forms = sorted(spelt, key=lambda form: (-len(form), form))
        self._any = re.compile("|".join(map(re.escape, self._forms))) if spelt else None

    @classmethod
    def of(cls, scenario: Scenario, endpoints: Iterable[Endpoint]) -> Secrets:
        """The secrets of a run.

        Those of its endpoints are the basic password and token, the values of the URL's query, and
        headers: every value, and every word of one, of at least eight characters, or of four where
        the header's name tells of a secret. Probes have their own. The last is encryption's key.
        """
        return cls([*_of_scenario(scenario), *(s for each in endpoints for s in _of(each))])

    def scrub(self, text: str) -> str:
        """The text with `***` for each secret."""
        return text if self._any is None else self._any.sub(MASK, text)

    def scrub_excerpt(self, text: str) -> str:
        """As `scrub`, for a text in which `...` may have cut off a secret's end."""
        *cut, last = self.scrub(text).split(_CUT)
        return _CUT.join([*map(self._without_start, cut), last])

    def _without_start(self, text: str) -> str:
        """The text without the start of a secret at its end."""
        for form in self._forms:
            for length in range(len(form) - 1, _LEAST - 1, -1):
                if text.endswith(form[:length]):
                    return text[:-length] + MASK
        return text

    def __repr__(self) -> str:
        return "<Secrets>"


def _forms(text: str) -> Iterator[str]:
    """A text as answers and errors may spell it."""
    yield text
    yield quote(text, safe="")
    yield json.dumps(text)[1:-1]
    yield repr(text)[1:-1]
    yield escape(text)


def _of_scenario(scenario: Scenario) -> Iterator[str]:
    yield scenario.encryption.master_key or ""
    for clause in scenario.expect:
        if clause.probe is not None:
            yield from _of_url(clause.probe.get)
            yield from _of_url(_DRIVER.sub("", clause.probe.url, count=1))
            yield from _of_headers(clause.probe.headers.items())


def _of(endpoint: Endpoint) -> Iterator[str]:
    yield from _of_url(endpoint.url)
    yield from _of_headers(endpoint.headers)
    if endpoint.basic_auth is not None:
        yield from _of_pair(*endpoint.basic_auth)


def _of_url(url: str) -> Iterator[str]:
    bare, userinfo = without_userinfo(url)
    yield from query_values(bare)
    if userinfo is not None:
        yield from _of_pair(*userinfo)


def _of_pair(user: str, password: str) -> Iterator[str]:
    yield password
    yield base64.b64encode(f"{user}:{password}".encode()).decode()


def _of_headers(headers: Headers) -> Iterator[str]:
    for name, value in headers:
        telling = any(word in name.lower() for word in TELLING)
        least = _LEAST if telling else _LEAST_IN_ANY_HEADER
        yield from (text for text in (value, *_words(value)) if len(text) >= least)


def _words(value: str) -> Iterator[str]:
    """The parts of a value that may be shown alone: `tok` of `Bearer tok`, `x` of `a=x`."""
    for word in filter(None, _BETWEEN.split(value)):
        name, equals, given = word.partition("=")
        # What goes before = is a name, but for the padding of base64.
        if given.strip("="):
            yield given.strip('"')
        elif equals or name.lower() not in _SCHEMES:
            yield word
        yield _password_of(word)


def _password_of(token: str) -> str:
    """The password in the token of HTTP basic authentication, "" where it is not one."""
    try:
        _, _, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return password
