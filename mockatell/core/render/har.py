"""The attempts as an HTTP archive (HAR 1.2), for the tools that read these.

An attempt that brought no answer has status 0 and says why in `_error`, as browsers do.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import msgspec

from mockatell._version import __version__
from mockatell.core.render.sentences import began

if TYPE_CHECKING:
    from mockatell.core.journal import Journal
    from mockatell.core.report import Report
    from mockatell.model import Attempt, RunStarted

Entry = dict[str, object]

_REASONS: Final = {int(status): status.phrase for status in HTTPStatus}
_UNKNOWN: Final = -1  # what HAR writes where a size or a time was not measured


def har(_report: Report, journal: Journal) -> str:
    """An entry per attempt in the order in which they were sent.

    URLs are as masked as in the journal; the request's body is there if the journal has it. The
    response's content is the start of the body, as far as an attempt's `detail` keeps it.
    """
    attempts = sorted(journal, key=lambda attempt: (attempt.sent_at, attempt.delivery))
    log = {
        "version": "1.2",
        "creator": {"name": "mockatell", "version": __version__},
        "pages": [],
        "entries": [_entry(journal.started, attempt) for attempt in attempts],
    }
    return msgspec.json.format(msgspec.json.encode({"log": log}), indent=2).decode() + "\n"


def _entry(started: RunStarted, attempt: Attempt) -> Entry:
    took = round(max(0.0, attempt.service) * 1000, 3)
    return {
        "startedDateTime": began(started, attempt.sent_at),
        "time": took,
        "request": _request(started, attempt),
        "response": _response(attempt),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "_mockatell": {
            "delivery": attempt.delivery,
            "attempt": attempt.number,
            "cause": attempt.cause,
            "outcome": attempt.outcome,
            "due": attempt.due,
            "lag": attempt.lag,
        },
    }


def _request(started: RunStarted, attempt: Attempt) -> Entry:
    url = started.endpoints.get(attempt.role, "")
    query = parse_qsl(url.partition("?")[2], keep_blank_values=True)
    request: Entry = {
        "method": "POST",
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "queryString": [{"name": name, "value": value} for name, value in query],
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }
    if attempt.body is not msgspec.UNSET:
        body = bytes(attempt.body)
        request["bodySize"] = len(body)
        request["postData"] = {
            "mimeType": "application/json",
            "text": body.decode(errors="replace"),
        }
    return request


def _response(attempt: Attempt) -> Entry:
    said = attempt.detail or ""
    response: Entry = {
        "status": attempt.status_code or 0,
        "statusText": _REASONS.get(attempt.status_code or 0, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": len(said.encode()), "mimeType": "x-unknown", "text": said},
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }
    if attempt.status_code is None:
        response |= {"content": {"size": 0, "mimeType": "x-unknown"}, "_error": said}
    return response
