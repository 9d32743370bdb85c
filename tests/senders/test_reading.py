"""The fast reader says of every answer what the slow one says."""

import gc
import weakref
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockatell.model import Trouble
from mockatell.shell.senders.answers import AnswerReader
from mockatell.shell.senders.fast.reading import FastReader

ORDINARY = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
    b"HTTP/1.1 100 C\r\nX: y\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 503 No\r\n\r\nab",
    (
        b"HTTP/1.1 200 OK\r\nA:  b \t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nT: x"
        b"\r\n\r\n"
    ),
    b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 20\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 150\r\n\r\n" + b"x" * 150,
]
ODD = [
    b"HTTP/1.1 101 Sw\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0"
        b"\r\n\r\n"
    ),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
    b"HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nbad\r\n\r\n",
    b"HTTP/2.0 200 OK\r\n\r\n",
    b"SSH-2.0-x\r\n",
    b"",
]


def read(kind, pieces, limit=100):
    reader = kind(limit)
    for piece in [*filter(None, pieces), b""]:
        if not reader.over:
            reader.feed(piece)
    return reader


def seen(reader):
    answer = (reader.status_code, reader.headers, reader.body)
    return (*answer, reader.whole, reader.trouble, reader.words)


@pytest.mark.parametrize("answer", ORDINARY + ODD)
def test_it_says_what_the_slow_one_says(answer):
    fast, slow = read(FastReader, [answer]), read(AnswerReader, [answer])
    assert seen(fast) == seen(slow)
    assert fast.reusable == slow.reusable


@given(st.sampled_from(ORDINARY + ODD), st.lists(st.integers(0, 150), max_size=6))
def test_however_the_bytes_are_cut(answer, cuts):
    edges = [0, *sorted(cuts), len(answer)]
    pieces = [answer[start:end] for start, end in pairwise(edges)]
    assert seen(read(FastReader, pieces))[:5] == seen(read(AnswerReader, [answer]))[:5]


@given(st.binary(max_size=300))
@example(b"H")
def test_no_bytes_upset_it(data):
    for start in (b"", b"HTTP/1.1 200 OK\r\n"):
        assert read(FastReader, [start + data]).over


@pytest.mark.parametrize("size", [65_000, 70_000])
@pytest.mark.parametrize("piece", [1_000, 100_000])
def test_a_head_has_the_same_limit(size, piece):
    head = b"HTTP/1.1 200 OK\r\nX: %b\r\n\r\n" % (b"x" * size)
    reader = read(FastReader, [head[at : at + piece] for at in range(0, len(head), piece)])
    assert reader.trouble == (Trouble.NOT_HTTP if size == 70_000 else None)


def test_chunks_that_carry_nothing_are_not_kept():
    reader = FastReader(1_000)
    reader.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100):
        reader.feed(b"1;%b\r\na\r\n" % (b"x" * 2_000))
    assert not reader.over
    assert sum(map(len, reader._pieces)) < 70_000


def test_the_end_of_an_answer_leaves_no_circle():
    gc.collect()
    gc.disable()
    try:
        gone = weakref.ref(read(Watched, [ORDINARY[0]]))
        assert gone() is None
    finally:
        gc.enable()


class Watched(FastReader):
    __slots__ = ("__weakref__",)
