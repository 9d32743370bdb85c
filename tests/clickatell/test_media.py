import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mockatell.clickatell import formats
from mockatell.clickatell.media import CONTENT_TYPES, LEAST, MOST, draw_file_id, media_for
from mockatell.errors import InputError

WRITERS = [formats.png, formats.jpeg, formats.pdf, formats.ogg, formats.mp4]
NAME = "a3bb189e-8bf9-4888-9912-ace4e6543002-1.bin"


def writer_name(writer):
    return writer.__name__


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("size", [LEAST, LEAST + 1, 2_048, 65_535, 65_536, 70_000, 1_000_003])
def test_a_file_has_the_size_that_was_asked_for(stream, content_type, size):
    file_id = draw_file_id(stream, content_type, size)
    media = media_for(file_id)
    assert (media.file_id, media.content_type) == (file_id, content_type)
    assert len(media.body) == size
    assert media_for(file_id) == media


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_the_largest_file(stream, content_type):
    media = media_for(draw_file_id(stream, content_type, MOST))
    assert len(media.body) == MOST == 16 * 1024 * 1024
    open_media(media)


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_every_file_is_another(stream, content_type):
    bodies = {media_for(draw_file_id(stream, content_type, 3_000)).body for _ in range(100)}
    assert len(bodies) == 100


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_a_usual_file_opens(stream, content_type):
    for _ in range(20):
        media = media_for(draw_file_id(stream, content_type))
        assert 2_000 <= len(media.body) <= 40_000
        open_media(media)


@pytest.mark.parametrize("writer", WRITERS, ids=writer_name)
def test_no_file_is_larger_than_the_least_to_begin_with(make_stream, writer):
    names = (make_stream(n).hex_id() + "-1234" + "-1.jpeg" for n in range(300))
    assert max(len(writer(name, 0)) for name in names) <= LEAST


@pytest.mark.parametrize("writer", WRITERS, ids=writer_name)
@settings(deadline=None, max_examples=60)
@given(room=st.integers(0, 200_000))
def test_padding_adds_what_it_says(writer, room):
    assert len(writer(NAME, room)) == len(writer(NAME, 0)) + room


@pytest.mark.parametrize("boundary", [255, 510, 65_025, 65_279, 130_050])
@pytest.mark.parametrize("writer", [formats.ogg, formats.jpeg], ids=writer_name)
def test_padding_where_segments_and_pages_end(writer, boundary):
    least = len(writer(NAME, 0))
    for room in range(boundary - 200, boundary + 200):
        assert len(writer(NAME, room)) == least + room


def test_a_file_id_looks_like_the_platforms(stream):
    uuid, _, ending = draw_file_id(stream, "image/jpeg", 4_096).rpartition("-")
    assert ending == "1.jpeg"
    assert [len(part) for part in uuid.split("-")] == [8, 4, 4, 4, 12]
    assert uuid.split("-")[2][0] == "4"
    assert uuid.endswith("0001000")


@pytest.mark.parametrize(
    "file_id",
    [
        "",
        "UUID-1.xxx",
        "a3bb189e-8bf9-4888-9912-ace4e0001000-1.gif",
        "a3bb189e-8bf9-4888-9912-ace4e0001000-2.jpeg",
        "a3bb189e-8bf9-4888-9912-ace4e0000001-1.jpeg",  # too small to be ours
        "a3bb189e-8bf9-4888-9912-ace4effffffff-1.jpeg",
        "a3bb189e-8bf9-4888-9912-ace4efffffff-1.jpeg",  # too large to be ours
        "A3BB189E-8BF9-4888-9912-ACE4E0001000-1.jpeg",
        "../a3bb189e-8bf9-4888-9912-ace4e0001000-1.jpeg",
        "a3bb189e-8bf9-4888-9912-ace4e0001000-1.jpeg\n",
    ],
)
def test_an_id_that_is_not_ours_has_no_file(file_id):
    assert media_for(file_id) is None


@pytest.mark.parametrize(
    ("content_type", "size", "message"),
    [
        ("image/gif", None, r"no media of type 'image/gif' \(known: image/jpeg, image/png"),
        ("image/png", LEAST - 1, r"media of 999 bytes cannot be made \(from 1,000 to 16,777,216"),
        ("image/png", MOST + 1, "media of 16777217 bytes"),
        ("image/png", -1, "media of -1 bytes"),
    ],
)
def test_a_file_that_cannot_be_made(stream, content_type, size, message):
    with pytest.raises(InputError, match=message):
        draw_file_id(stream, content_type, size)


def test_a_png_decodes_to_its_mosaic():
    picture = Image.open(io.BytesIO(formats.png(NAME, 777)))
    picture.load()
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (64, 64))
    assert mosaic_of(picture) == [tuple(colour) for colour in formats._mosaic(NAME)]


def test_a_jpeg_decodes_to_its_mosaic():
    picture = Image.open(io.BytesIO(formats.jpeg(NAME, 200_000)))
    picture.draft("YCbCr", (64, 64))
    picture.load()
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "YCbCr", (64, 64))
    assert mosaic_of(picture) == [tuple(colour) for colour in formats._mosaic(NAME)]


def mosaic_of(picture):
    """The colour of each square, which must be the same all over it."""
    squares = []
    for at in range(64):
        left, top = 8 * (at % 8), 8 * (at // 8)
        ((_, colour),) = picture.crop((left, top, left + 8, top + 8)).getcolors()
        squares.append(colour)
    return squares


def open_media(media):
    {
        "image/png": open_picture,
        "image/jpeg": open_picture,
        "application/pdf": open_pdf,
        "audio/ogg": open_ogg,
        "video/mp4": open_mp4,
    }[media.content_type](media.body)


def open_picture(body):
    Image.open(io.BytesIO(body)).verify()
    Image.open(io.BytesIO(body)).load()


def open_pdf(body):
    """Follow the table of objects from the end, as a reader does."""
    assert body.startswith(b"%PDF-1.4\n")
    assert body.endswith(b"%%EOF\n")
    at = int(body[body.rindex(b"startxref") :].split()[1])
    head, *entries = body[at : body.index(b"trailer", at)].splitlines()[1:]
    assert head == b"0 %d" % len(entries)
    for number, entry in enumerate(entries[1:], 1):
        assert body[int(entry[:10]) :].startswith(b"%d 0 obj\n" % number)
        assert len(entry) == 19  # 20 with its end of line


def open_ogg(body):
    """Split pages into packets, checking their order and check sums."""
    packets, unfinished, at, number = [], [], 0, 0
    while at < len(body):
        head, lengths = body[at : at + 27], body[at + 27 : at + 27 + body[at + 26]]
        magic, _, _, _, _, sequence, check = struct.unpack("<4sBBQIII", head[:26])
        assert (magic, sequence) == (b"OggS", number)
        data = body[at + 27 + len(lengths) : at + 27 + len(lengths) + sum(lengths)]
        if len(data) < 500:  # bit by bit takes long
            assert check == ogg_crc(head[:22] + bytes(4) + head[26:] + lengths + data)
        start = 0
        for length in lengths:
            unfinished.append(data[start : start + length])
            start += length
            if length < 255:
                packets.append(b"".join(unfinished))
                unfinished.clear()
        at += 27 + len(lengths) + len(data)
        number += 1
    assert (at, unfinished) == (len(body), [])
    assert packets[0].startswith(b"OpusHead")
    assert packets[1].startswith(b"OpusTags")
    assert all(packet[0] == 0xF8 for packet in packets[2:])


def ogg_crc(data):
    """Ogg's check sum by its definition."""
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ (0x104C11DB7 if crc & 0x80000000 else 0)
    return crc


def open_mp4(body):
    boxes, at = [], 0
    while at < len(body):
        size, kind = struct.unpack(">I4s", body[at : at + 8])
        assert 8 <= size <= len(body) - at
        if kind == b"moov":
            assert struct.unpack(">I4s", body[at + 8 : at + 16]) == (108, b"mvhd")
            assert size == 8 + 108
        boxes.append(kind)
        at += size
    assert boxes == [b"ftyp", b"moov", b"free", b"mdat"]


def test_a_whole_ogg_page_has_its_check_sum():
    body = formats.ogg(NAME, 3_000)
    second = body.index(b"OggS", 1)
    third = body.index(b"OggS", second + 1)
    page = body[second:third]
    assert struct.unpack("<I", page[22:26])[0] == ogg_crc(page[:22] + bytes(4) + page[26:])


def test_the_check_sums_of_a_png():
    body, at, kinds = formats.png(NAME, 10)[8:], 0, []
    while at < len(body):
        (length,) = struct.unpack(">I", body[at : at + 4])
        kind, data = body[at + 4 : at + 8], body[at + 8 : at + 8 + length]
        assert struct.unpack(">I", body[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            kind + data
        )
        kinds.append(kind)
        at += 12 + length
    assert kinds == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]
