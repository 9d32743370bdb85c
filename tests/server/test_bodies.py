"""Reading bodies: whole, cut, slow, broken off, compressed, and too many at once."""

import asyncio
import gzip
import zlib

import pytest

from mockatell.server.bodies import MB, Body, BodyError, Room

TEXT = b"0123456789" * 10


def receiving(*chunks, end=True):
    """A `receive` that gives these, then the end of the body, or of the connection."""
    last = len(chunks) - 1
    messages = [
        {"type": "http.request", "body": chunk, "more_body": not end or number < last}
        for number, chunk in enumerate(chunks)
    ]
    if not end:
        messages.append({"type": "http.disconnect"})

    async def receive():
        return messages.pop(0)

    return receive


async def never():
    await asyncio.Event().wait()


def read(receive, *, headers=None, limit=100, room=None):
    return asyncio.run((room or Room()).read(receive, headers or {}, limit))


@pytest.mark.parametrize(
    ("chunks", "limit", "content"),
    [
        ([b""], 100, b""),
        ([TEXT], 100, TEXT),
        ([TEXT[:7], b"", TEXT[7:]], 100, TEXT),
        ([TEXT], 99, TEXT),
        ([TEXT], 98, TEXT[:99]),
        ([TEXT] * 1000, 98, TEXT[:99]),
    ],
)
def test_it_is_cut_one_byte_after_the_limit(chunks, limit, content):
    assert read(receiving(*chunks), limit=limit) == Body(content)


def test_what_goes_on_for_ever_is_left():
    chunk = bytes(MB)
    endless = {"type": "http.request", "body": chunk, "more_body": True}
    taken = []

    async def receive():
        taken.append(chunk)
        return endless

    body = read(receive)
    assert (len(body.content), body.complete) == (101, False)
    assert len(taken) == 65


def test_what_announces_too_much_is_not_begun():
    body = read(never, headers={b"content-length": str(65 * MB).encode()})
    assert (len(body.content), body.complete) == (101, False)


@pytest.mark.parametrize("length", [b"", b"-1", b"many", b"9" * 50, "٣".encode()])
def test_a_length_that_is_none_says_nothing(length):
    assert read(receiving(TEXT), headers={b"content-length": length}) == Body(TEXT)


@pytest.mark.parametrize("name", [b"gzip", b"X-GZIP", b" gzip "])
def test_gzip(name):
    body = read(receiving(gzip.compress(TEXT)), headers={b"content-encoding": name})
    assert body == Body(TEXT)


def test_a_bomb_goes_off_as_far_as_the_limit():
    bomb = zlib.compress(bytes(MB))
    assert len(bomb) > 1000
    body = read(receiving(bomb), headers={b"content-encoding": b"deflate"}, limit=2000)
    assert body == Body(bytes(2001))


@pytest.mark.parametrize(
    ("receive", "headers", "status"),
    [
        (receiving(TEXT, end=False), {}, 400),
        (receiving(b"junk"), {b"content-encoding": b"gzip"}, 400),
        (receiving(gzip.compress(TEXT)[:-1]), {b"content-encoding": b"gzip"}, 400),
        (receiving(b""), {b"content-encoding": b"gzip"}, 400),
        (receiving(TEXT), {b"content-encoding": b"zstd"}, 415),
        (receiving(TEXT), {b"content-encoding": b"gzip, gzip"}, 415),
    ],
)
def test_what_cannot_be_had(receive, headers, status):
    with pytest.raises(BodyError) as caught:
        read(receive, headers=headers)
    assert caught.value.status == status


def test_a_slow_one_is_given_up():
    with pytest.raises(BodyError, match=r"within 0.01 s") as caught:
        read(never, room=Room(patience=0.01))
    assert caught.value.status == 408


def test_all_together_have_so_much_room_and_give_it_back():
    async def crowd():
        room = Room(most=150, patience=0.01)
        stuck = asyncio.ensure_future(room.read(_stuck(TEXT), {}, 100))
        await asyncio.sleep(0)
        with pytest.raises(BodyError) as caught:
            await room.read(receiving(TEXT), {}, 100)
        assert caught.value.status == 503
        with pytest.raises(BodyError, match="within"):
            await stuck
        assert await room.read(receiving(TEXT), {}, 100) == Body(TEXT)

    asyncio.run(crowd())


def _stuck(chunk):
    messages = [{"type": "http.request", "body": chunk, "more_body": True}]

    async def receive():
        return messages.pop() if messages else await never()

    return receive
