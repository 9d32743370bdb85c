"""How to write the smallest real file of five media types, with room to make it larger.

Every writer takes a `name`, which makes the file unlike any other, and a `room` of padding bytes;
with `room=0` the file is as small as it gets. Padding sits where the format provides for it, so
that a decoder reads the file whatever its size. No library is used: standards are named beside
each writer.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_CELLS: Final = 8  # a picture is a mosaic of 8 x 8 squares of 8 x 8 pixels


def filler(name: str, count: int) -> bytes:
    """So many printable bytes that follow from the name."""
    return hashlib.shake_256(name.encode()).hexdigest(count // 2 + 1)[:count].encode()


def _mosaic(name: str) -> list[bytes]:
    """The colours of a picture's squares, row by row, three bytes each."""
    colours = hashlib.shake_256(b"mosaic" + name.encode()).digest(3 * _CELLS * _CELLS)
    return [colours[at : at + 3] for at in range(0, len(colours), 3)]


def png(name: str, room: int) -> bytes:
    """A PNG picture (W3C PNG): RGB, padded in a text chunk."""
    side = 8 * _CELLS
    squares = _mosaic(name)
    rows = (squares[at : at + _CELLS] for at in range(0, len(squares), _CELLS))
    lines = b"".join(8 * (b"\0" + b"".join(8 * colour for colour in row)) for row in rows)
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        _png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        _png_chunk(b"tEXt", b"Comment\0" + filler(name, room)),
        _png_chunk(b"IDAT", zlib.compress(lines, 9)),
        _png_chunk(b"IEND", b""),
    ))  # fmt: skip


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def jpeg(name: str, room: int) -> bytes:
    """A baseline JPEG picture (ITU-T T.81): flat squares, padded in comment segments."""
    side = 8 * _CELLS
    return b"".join((
        b"\xff\xd8",
        _jpeg_segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        *_jpeg_comments(name, room),
        _jpeg_segment(0xDB, b"\0" + 64 * b"\x08"),
        _jpeg_segment(
            0xC0, struct.pack(">BHHB", 8, side, side, 3) + b"\x01\x11\0\x02\x11\0\x03\x11\0"
        ),
        # Differences of up to 11 bits have 4-bit codes; "no more in this square" has code 0.
        _jpeg_segment(0xC4, b"\x00" + bytes([0, 0, 0, 12] + 12 * [0]) + bytes(range(12))),
        _jpeg_segment(0xC4, b"\x10" + bytes([1] + 15 * [0]) + b"\0"),
        _jpeg_segment(0xDA, b"\x03\x01\0\x02\0\x03\0\0\x3f\0"),
        _jpeg_scan(_mosaic(name)),
        b"\xff\xd9",
    ))  # fmt: skip


def _jpeg_segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _jpeg_comments(name: str, room: int) -> Iterator[bytes]:
    """Comments of `room + 4` bytes in all; one holds at most 65,537, of which 4 are its head."""
    total = room + 4
    count = -(-total // 65_537)
    text = memoryview(filler(name, room))
    for index in range(count):
        length = total // count + (index < total % count)
        yield _jpeg_segment(0xFE, bytes(text[: length - 4]))
        text = text[length - 4 :]


def _jpeg_scan(squares: list[bytes]) -> bytes:
    """The entropy-coded data: of each square and component, how its level differs from the last."""
    bits = []
    last = [0, 0, 0]
    for square in squares:
        for component, byte in enumerate(square):
            level = byte - 128
            bits.append(_jpeg_difference(level - last[component]) + "0")
            last[component] = level
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")


def _jpeg_difference(difference: int) -> str:
    size = abs(difference).bit_length()
    if not size:
        return "0000"
    value = difference if difference > 0 else difference + (1 << size) - 1
    return f"{size:04b}{value:0{size}b}"


def pdf(name: str, room: int) -> bytes:
    """A PDF of one page that shows its name (ISO 32000), padded in a comment."""
    page = f"BT /F1 18 Tf 40 780 Td ({name}) Tj ET".encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 6 0 R>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Font<</F1 5 0 R>>>>",
    )
    pieces = [b"%%PDF-1.4\n%%%b\n" % filler(name, room)]
    at = len(pieces[0])
    table = [b"0000000000 65535 f \n"]
    for number, content in enumerate(objects, 1):
        piece = b"%d 0 obj\n%b\nendobj\n" % (number, content)
        table.append(b"%010d 00000 n \n" % at)
        pieces.append(piece)
        at += len(piece)
    count = len(table)
    # The offset has leading zeros so that padding never changes the number of its digits.
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%010d\n%%%%EOF\n" % (count, at)
    return b"".join((*pieces, b"xref\n0 %d\n" % count, *table, end))


_SILENCE: Final = b"\xf8\xff\xfe"  # 20 ms of silence
_UNSENT: Final = b"\xf8"  # 20 ms that were not sent, which a decoder conceals
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_MOST_SEGMENTS: Final = 255  # of a page; a segment has at most 255 bytes
_MOST_UNSENT: Final = 16


def ogg(name: str, room: int) -> bytes:
    """A second of silence in Opus in Ogg (RFC 3533, RFC 7845), padded in a comment.

    Where the comment fills a segment or a page, the size leaps; frames of two bytes fill the gap.
    """
    target = _ogg_size(name, 0, 0) + room
    for unsent in range(_MOST_UNSENT):
        padding = bisect_left(range(room), target, key=lambda n: _ogg_size(name, n, unsent))
        if _ogg_size(name, padding, unsent) == target:
            return _ogg(name, padding, unsent)
    raise AssertionError(f"no Ogg file of {target} bytes")


def _ogg_size(name: str, padding: int, unsent: int) -> int:
    comment = len(_opus_tags(name, b"")) + padding
    segments = comment // 255 + 1
    pages = -(-segments // _MOST_SEGMENTS)
    head, sound = 27 + 1 + len(_OPUS_HEAD), 27 + 50 * (1 + len(_SILENCE)) + 2 * unsent
    return head + 27 * pages + segments + comment + sound


_OPUS_HEAD: Final = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 312, 48_000, 0, 0)


def _opus_tags(name: str, padding: bytes) -> bytes:
    comment = b"COMMENT=" + padding
    return b"OpusTags" + b"".join((
        struct.pack("<I", len(name)), name.encode(),
        struct.pack("<II", 1, len(comment)), comment,
    ))  # fmt: skip


def _ogg(name: str, padding: int, unsent: int) -> bytes:
    serial = zlib.crc32(name.encode())
    frames = 50 * (_SILENCE,) + unsent * (_UNSENT,)
    tags = [*_ogg_pages(_opus_tags(name, filler(name, padding)))]
    pages = (
        (2, 0, bytes([len(_OPUS_HEAD)]), _OPUS_HEAD),
        *((index > 0, 0, lengths, data) for index, (lengths, data) in enumerate(tags)),
        (4, 960 * len(frames), bytes(map(len, frames)), b"".join(frames)),
    )
    return b"".join(_ogg_page(serial, number, *page) for number, page in enumerate(pages))


def _ogg_pages(packet: bytes) -> Iterator[tuple[bytes, bytes]]:
    """A packet as the segment lengths and the bytes of each page."""
    lengths = len(packet) // 255 * b"\xff" + bytes([len(packet) % 255])
    for first in range(0, len(lengths), _MOST_SEGMENTS):
        last = first + _MOST_SEGMENTS
        yield lengths[first:last], packet[255 * first : 255 * last]


def _ogg_page(serial: int, number: int, flags: int, position: int, *content: bytes) -> bytes:
    """One page; `position` counts samples of 1/48,000 s, `content` is segment lengths and bytes."""
    lengths, data = content
    head = struct.pack("<4sBBQIII", b"OggS", 0, flags, position, serial, number, 0)
    page = head + bytes([len(lengths)]) + lengths + data
    return page[:22] + _ogg_check(page) + page[26:]


def _ogg_check(page: bytes) -> bytes:
    """Ogg's CRC: that of zlib with every byte and the sum itself mirrored, and not inverted."""
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return struct.pack(">I", mirrored).translate(_REVERSED)


def mp4(name: str, room: int) -> bytes:
    """An MP4 film without a track (ISO 14496-12), padded in a box of free space."""
    scale = struct.pack(">IIIIII", 0, 0, 0, 1000, 0, 0x00010000)
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    header = scale + struct.pack(">HHII", 0x0100, 0, 0, 0) + matrix + bytes(24)
    return b"".join((
        _mp4_box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2mp41"),
        _mp4_box(b"moov", _mp4_box(b"mvhd", header + struct.pack(">I", 1))),
        _mp4_box(b"free", filler(name, room)),
        _mp4_box(b"mdat", name.encode()),
    ))  # fmt: skip


def _mp4_box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data
