"""What is too short to be compressed is a zstd frame all the same, and frames one behind the other are one stream."""

import io
from collections.abc import AsyncIterator

import pytest
import zstandard

from fieldbeat.exchange.chunks import compressed, expanded, framed
from fieldbeat.exchange.stream import Line
from fieldbeat.web.snapshot import in_zstd


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 999, 1_000, 1_001, 70_000])
def test_a_frame_holds_what_it_was_given(size: int) -> None:
    content = bytes(n * 7 % 251 for n in range(size))
    assert expanded(framed(content)) == content
    assert zstandard.get_frame_parameters(framed(content)).content_size == size


def test_frames_are_one_stream() -> None:
    parts = [b"one", b"x" * 5_000, b"", b"y" * 300]
    stream = b"".join(framed(part) if len(part) < 1_000 else compressed(part) for part in parts)
    reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(stream), read_across_frames=True)
    assert reader.read() == b"".join(parts)


async def test_no_part_but_the_last_ends_where_a_frame_ends() -> None:
    """A client that takes the end of a frame at the end of a part for the end of all must not be given one."""

    async def batches() -> AsyncIterator[list[Line]]:
        for n in range(3):
            yield [Line(first=b'{"n":%d' % n, last=b"}\n")]

    parts = [part async for part in in_zstd(batches())]
    for end in range(1, len(parts)):
        assert not _at_the_end_of_a_frame(b"".join(parts[:end]))
    assert _at_the_end_of_a_frame(b"".join(parts))


def _at_the_end_of_a_frame(sent: bytes) -> bool:
    while sent:
        reader = zstandard.ZstdDecompressor().decompressobj()
        reader.decompress(sent)
        if not reader.eof:
            return False
        sent = reader.unused_data
    return True
