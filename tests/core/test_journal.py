import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.core.journal import Journal, encode_line
from mockatell.errors import JournalError
from mockatell.model import Attempt, Cause, Outcome, Role, RunEnded, RunStarted

STARTED = RunStarted("1.0", "mine", 7, 1000, ("timeout",))
ENDED = RunEnded(3, 4, 1, 1, 1, 0)


def attempt(delivery, outcome, number=1, next_due=None, message_id="m1"):
    return Attempt(
        delivery=delivery,
        cause=Cause.ORIGINAL,
        role=Role.STATUS,
        kind="messageStatusUpdate",
        message_id=message_id,
        number=number,
        due=0.25,
        sent_at=0.5,
        ended_at=1.0,
        outcome=outcome,
        status_code=None,
        detail=None,
        next_due=next_due,
    )


ATTEMPTS = [
    attempt(1, Outcome.REJECTED, next_due=2.0),
    attempt(2, Outcome.REDIRECTED, message_id="m2"),
    attempt(3, Outcome.TIMED_OUT),
    attempt(1, Outcome.ACKNOWLEDGED, number=2),
]
LINES = [encode_line(line) for line in (STARTED, *ATTEMPTS, ENDED)]


def test_what_is_written_is_read_again():
    read = Journal.from_lines(LINES)
    assert (read.started, list(read), read.ended) == (STARTED, ATTEMPTS, ENDED)


def test_the_line_is_the_contract():
    assert LINES[1] == (
        b'{"type":"attempt","delivery":1,"cause":"original","role":"status",'
        b'"kind":"messageStatusUpdate","message_id":"m1","number":1,"due":0.25,"sent_at":0.5,'
        b'"ended_at":1.0,"outcome":"rejected","status_code":null,"detail":null,"next_due":2.0}\n'
    )


def test_a_journal_can_be_asked():
    read = Journal(STARTED, ATTEMPTS)
    assert len(read) == 4
    assert read[0] is ATTEMPTS[0]
    assert read[1:3] == ATTEMPTS[1:3]
    assert [a.delivery for a in read.unacked] == [2, 3]
    assert [a.delivery for a in read.redirected] == [2]
    assert [a.delivery for a in read.exhausted] == [3]
    assert {m: len(attempts) for m, attempts in read.by_message.items()} == {"m1": 3, "m2": 1}


def test_bodies_are_decoded_where_they_are_kept():
    kept = msgspec.structs.replace(ATTEMPTS[0], body=msgspec.Raw(b'{"event":{}}'))
    assert Journal(STARTED, [kept, ATTEMPTS[1]]).bodies == [{"event": {}}]


def test_exhausted_does_not_look_through_the_redirected_for_every_attempt():
    class Counting(Journal):
        asked = 0

        @property
        def redirected(self):
            self.asked += 1
            return super().redirected

    read = Counting(STARTED, [attempt(n, Outcome.REJECTED) for n in range(9)])
    assert (len(read.exhausted), read.asked <= 1) == (9, True)


def test_times_have_names():
    one = ATTEMPTS[0]
    assert (one.lag, one.service, one.latency) == (0.25, 0.5, 0.75)


@given(st.integers(0, len(b"".join(LINES))))
def test_a_journal_that_was_cut_off_is_readable_up_to_there(length):
    data = b"".join(LINES)[:length]
    # A line is whole without its newline, too.
    whole = sum(length >= len(b"".join(LINES[:n])) - 1 for n in range(1, len(LINES) + 1))
    if whole == 0:
        with pytest.raises(JournalError, match="opens with a line of type 'run'"):
            Journal.from_lines(data.splitlines(keepends=True))
        return
    read = Journal.from_lines(data.splitlines(keepends=True))
    assert len(read) == min(whole - 1, len(ATTEMPTS))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "mine.jsonl:1: a journal opens with a line of type 'run'"),
        ([LINES[1]], "mine.jsonl:1: a journal opens with a line of type 'run'"),
        ([LINES[0], b"hello\n"], "mine.jsonl:2: not a line of a mockatell journal"),
        ([LINES[0], b'{"type":"nap"}\n'], "mine.jsonl:2: not a line of a mockatell journal"),
        ([LINES[0], b'{"type":"attempt"}\n'], "missing required field `delivery`"),
        ([LINES[0], b"\xff\xfe\n"], "mine.jsonl:2: not a line of a mockatell journal"),
        ([LINES[0], LINES[0]], "a journal holds one run"),
    ],
)
def test_what_is_not_a_journal(lines, words):
    with pytest.raises(JournalError) as raised:
        Journal.from_lines(lines, "mine.jsonl")
    assert words in str(raised.value)
