"""Where exchanges that wait for a retry are kept: in a file without a name, not in memory."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.errors import OutputError
from mockatell.model import Exchange

if TYPE_CHECKING:
    from typing import BinaryIO

SEGMENT: Final = 16 * 1024 * 1024
"""Bytes of a file; it is given back when all that it held has been taken."""

_BUFFER: Final = 64 * 1024
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Exchange).decode


class Spool:
    """A `Shelf` on disk: what it holds costs memory for its place alone, one number.

    Files have no name, so nothing is left of them when the process ends, however it ends.

    Raises:
        OutputError: The disk is full, or there is none.
    """

    def __init__(self) -> None:
        self._segments: dict[int, _Segment] = {}
        self._latest = _Segment(0)
        self._segments[0] = self._latest

    def put(self, exchange: Exchange) -> int:
        """Lay one down."""
        record = _encode(exchange)
        if self._latest.size + len(record) > SEGMENT:
            self._turn_over()
        return self._latest.put(record)

    def take(self, place: int) -> Exchange:
        """Take one away."""
        segment = self._segments[place // SEGMENT]
        exchange = _decode(segment.take(place % SEGMENT))
        if segment.empty and segment is not self._latest:
            self._segments.pop(segment.number).close()
        return exchange

    def close(self) -> None:
        """Forget everything."""
        for segment in self._segments.values():
            segment.close()
        self._segments.clear()

    def _turn_over(self) -> None:
        full = self._latest
        self._latest = _Segment(full.number + 1)
        self._segments[self._latest.number] = self._latest
        if full.empty:
            self._segments.pop(full.number).close()


class _Segment:
    """One file; what was laid down last is still in a buffer."""

    __slots__ = ("_buffer", "_file", "_held", "_written", "number", "size")

    def __init__(self, number: int) -> None:
        self.number = number
        self.size = 0
        self._held = 0
        self._written = 0
        self._buffer = bytearray()
        try:
            self._file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 -- `close` does
        except OSError as error:
            raise _full(error) from None

    @property
    def empty(self) -> bool:
        return not self._held

    def put(self, record: bytes) -> int:
        place = self.number * SEGMENT + self.size
        self._buffer += len(record).to_bytes(4, "little")
        self._buffer += record
        self.size += 4 + len(record)
        self._held += 1
        if len(self._buffer) >= _BUFFER:
            self._write()
        return place

    def take(self, offset: int) -> bytes:
        self._held -= 1
        length = int.from_bytes(self._read(offset, 4), "little")
        return self._read(offset + 4, length)

    def close(self) -> None:
        self._file.close()

    def _read(self, offset: int, length: int) -> bytes:
        if offset >= self._written:
            start = offset - self._written
            return bytes(self._buffer[start : start + length])
        return os.pread(self._file.fileno(), length, offset)

    def _write(self) -> None:
        left = memoryview(bytes(self._buffer))
        try:
            while left:
                done = os.pwrite(self._file.fileno(), left, self._written)
                self._written += done
                left = left[done:]
        except OSError as error:
            raise _full(error) from None
        self._buffer.clear()


def _full(error: OSError) -> OutputError:
    return OutputError(
        f"cannot keep what waits for a retry in {tempfile.gettempdir()}: {error.strerror}; "
        "set TMPDIR to a place with room"
    )
