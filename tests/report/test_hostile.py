"""Every rendering survives whatever journal can be read; what cannot be rendered is not read."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockatell.core.journal import Journal, encode_line
from mockatell.core.render import FORMATS
from mockatell.core.report import report
from mockatell.errors import JournalError

TIMES = st.sampled_from([0.0, -1.0, 1e-9, 5.0, 1e9, 1e15, 1e17, -1e17, 1e18, 1e300, -1e300])


@pytest.fixture(scope="module")
def render_all():
    def render(journal):
        told = report(journal)
        return {name: render(told, journal) for name, render in FORMATS.items()}

    return render


@pytest.fixture
def lines(attempt, journal):
    """The lines of a journal, with keys of its first and its second one changed."""

    def changed(started=None, first=None):
        whole = journal([attempt(1)])
        lines = [json.loads(encode_line(line)) for line in (whole.started, whole[0], whole.ended)]
        lines[0] |= started or {}
        lines[1] |= first or {}
        return [json.dumps(line).encode() + b"\n" for line in lines]

    return changed


@given(rows=st.lists(st.tuples(TIMES, TIMES, TIMES, st.none() | TIMES), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_times_beyond_all_dates(rows, attempt, journal, render_all):
    attempts = [
        attempt(number, due=due, sent_at=sent, ended_at=ended, next_due=next_due)
        for number, (due, sent, ended, next_due) in enumerate(rows, 1)
    ]
    render_all(journal(attempts))


@pytest.mark.parametrize("offset", [1e15, -1e15])
def test_dates_stay_within_those_that_there_are(offset, attempt, journal, render_all):
    entry = json.loads(render_all(journal([attempt(1, sent_at=offset)]))["har"])["log"]["entries"][
        0
    ]
    assert entry["startedDateTime"] in ("1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z")


@pytest.mark.parametrize(
    ("line", "changed", "words"),
    [
        (1, {"epoch_ms": 10**17}, "epoch_ms"),
        (1, {"epoch_ms": -1}, "epoch_ms"),
        (1, {"seed": 2**64}, "seed"),
        (2, {"due": -1.7e308}, "due"),
        (2, {"ended_at": 1e301}, "ended_at"),
        (2, {"next_due": 1e301}, "next_due"),
        (2, {"delivery": 2**64}, "delivery"),
        (2, {"status_code": 2**63}, "status_code"),
    ],
)
def test_what_is_out_of_all_bounds_is_not_read(line, changed, words, lines):
    with pytest.raises(JournalError, match=words) as caught:
        Journal.from_lines(lines(changed) if line == 1 else lines(first=changed), "j.jsonl")
    assert str(caught.value).startswith(f"j.jsonl:{line}: ")


def test_a_line_that_is_too_deep_is_not_read(lines):
    deep = lines()[1].replace(b"{", b'{"more":' + b"[" * 100_000 + b"]" * 100_000 + b",", 1)
    with pytest.raises(JournalError, match=r"^j\.jsonl:2: "):
        Journal.from_lines([lines()[0], deep], "j.jsonl")


def test_bodies_and_urls_of_any_bytes(lines, render_all):
    first, second, last = lines({"endpoints": {"status": "http://[?a=b"}}, {"body": "_"})
    journal = Journal.from_lines([first, second.replace(b'"_"', b'"\xff"'), last])
    entry = json.loads(render_all(journal)["har"])["log"]["entries"][0]
    assert entry["request"]["postData"]["text"] == '"\N{REPLACEMENT CHARACTER}"'
    assert entry["request"]["queryString"] == [{"name": "a", "value": "b"}]
