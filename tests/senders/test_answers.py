"""The answer reader, without a socket: however the bytes are cut, the answer is the same."""

import socket
import ssl
from itertools import pairwise
from pathlib import Path

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.model import Trouble
from mockatell.shell.senders.answers import AnswerReader
from mockatell.shell.senders.wire import Reply
from mockatell.shell.senders.words import (
    EXCERPT,
    detail,
    once_connected,
    raised,
    shown,
    while_connecting,
)

ANSWERS = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 503 No\r\n\r\nab",
    b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nbad\r\n\r\n",
    b"HTTX/1.1 200 OK\r\n\r\n",
    b"",
]


def read(pieces, limit=100):
    reader = AnswerReader(limit)
    for piece in [*filter(None, pieces), b""]:
        if not reader.over:
            reader.feed(piece)
    return reader


def test_whatever_the_parser_raises_the_answer_is_not_http(monkeypatch):
    def overflow(_connection):
        raise ValueError("Exceeds the limit (4300 digits) for integer string conversion")

    monkeypatch.setattr(h11.Connection, "next_event", overflow)
    reader = read([b"HTTP/1.1 200 OK\r\n\r\n"])
    assert reader.trouble is Trouble.NOT_HTTP
    assert reader.words == "the answer cannot be parsed (ValueError)"


def test_a_length_of_thousands_of_digits_is_not_http():
    reader = read([b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n" % (b"1" * 5000)])
    assert reader.trouble is Trouble.NOT_HTTP


def seen(reader):
    return (reader.status_code, reader.headers, reader.body, reader.whole, reader.trouble)


@given(st.sampled_from(ANSWERS), st.lists(st.integers(0, 90), max_size=6))
def test_cutting_changes_nothing(answer, cuts):
    edges = [0, *sorted(cuts), len(answer)]
    pieces = [answer[start:end] for start, end in pairwise(edges)]
    assert seen(read(pieces)) == seen(read([answer]))


@given(st.binary(max_size=300))
def test_no_bytes_upset_it(data):
    reader = read([data])
    assert reader.over
    assert reader.whole != (reader.trouble is not None)


@given(st.binary(max_size=100))
def test_nor_after_a_good_beginning(data):
    assert read([b"HTTP/1.1 200 OK\r\n" + data]).over


@pytest.mark.parametrize(("size", "whole"), [(99, False), (100, False), (101, True)])
def test_a_body_over_the_limit_is_whole_at_once(size, whole):
    reader = AnswerReader(100)
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * size)
    assert reader.whole is whole
    assert not reader.reusable
    assert len(reader.body) == min(size, 100)


@pytest.mark.parametrize("size", [65_000, 70_000])
@pytest.mark.parametrize("piece", [1_000, 100_000])
def test_a_head_s_limit_does_not_depend_on_how_it_arrives(size, piece):
    head = b"HTTP/1.1 200 OK\r\nX: %b\r\n\r\n" % (b"x" * size)
    reader = read([head[at : at + piece] for at in range(0, len(head), piece)])
    assert reader.trouble == (Trouble.NOT_HTTP if size == 70_000 else None)


def test_garbage_is_told_by_its_first_byte():
    reader = AnswerReader(100)
    reader.feed(b"2")
    assert reader.trouble is Trouble.NOT_HTTP


# Words


def no_secret(text):
    return text.replace("s3cret", "***")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("two\r\n  lines\t", "two lines"),
        ("\x1b]0;title\x07", "�]0;title�"),
        ("right\u202eleft\u200b", "right�left�"),
        ("s3cret" * 100, "***" * 66 + "**"),
        ("x" * 197 + "s3cret", "x" * 197 + "***"),
        ("नमस्ते 👋", "नमस्ते 👋"),
    ],
)
def test_what_is_shown(text, expected):
    assert shown(text, no_secret) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(200), None),
        (Reply(200, body=b"ok"), "ok"),
        (Reply(200, body=b"\xff\xfeok"), "��ok"),
        (Reply(302, body=b"moved"), "moved"),
        (Reply(302, ((b"lOcAtion", b"/in?key=s3cret"),), b"moved"), "Location: /in?key=***"),
        (Reply(201, ((b"Location", b"/new"),), b"made"), "made"),
        (Reply(trouble=Trouble.DNS, words="no such name"), "no such name"),
        (Reply(200, body=b"x" * 10_000), "x" * EXCERPT),
    ],
)
def test_what_is_told_of_a_reply(reply, expected):
    assert detail(reply, no_secret) == expected


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectionRefusedError(111, "x"), (Trouble.REFUSED, "[Errno 111] Connection refused")),
        (OSError(113, "x"), (Trouble.REFUSED, "[Errno 113] No route to host")),
        (OSError("odd"), (Trouble.REFUSED, "odd")),
        (TimeoutError(110, "x"), (Trouble.CONNECT, "[Errno 110] Connection timed out")),
        (socket.gaierror(-3, "try again"), (Trouble.DNS, "[Errno -3] try again")),
        (UnicodeError("label"), (Trouble.DNS, "no name has this form")),
    ],
)
def test_what_keeps_a_connection_from_coming_about(error, told):
    assert while_connecting(error) == told


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectionResetError(104, "x"), (Trouble.RESET, "[Errno 104] Connection reset by peer")),
        (TimeoutError(110, "x"), (Trouble.RESET, "[Errno 110] Connection timed out")),
        (ssl.SSLError(1, "[SSL] odd"), (Trouble.TLS, "[SSL] odd")),
    ],
)
def test_what_ends_a_connection(error, told):
    assert once_connected(error) == told


def test_an_exception_in_a_group_of_one_is_the_one():
    group = ExceptionGroup("outer", [ExceptionGroup("inner", [KeyError("x")])])
    assert raised(group).words == "KeyError: 'x'"
    assert raised(ExceptionGroup("two", [KeyError(), KeyError()])).words.startswith("ExceptionG")


def test_what_is_told_of_an_exception():
    def handler(message):
        raise ValueError(message)

    def caught(message):
        try:
            handler(message)
        except ValueError as error:
            return raised(error)

    told = caught("s3cret\nand more " + "x" * 300)
    line = handler.__code__.co_firstlineno + 1
    place = f" at {Path(__file__).relative_to(Path.cwd())}:{line} in handler"
    words = detail(Reply(500, raised=told), no_secret)
    assert words.startswith("ValueError: *** and more xxx")
    assert words.endswith(place)
    assert len(words) == EXCERPT
    assert "raise ValueError(message)" in told.traceback
