"""What is too short to be compressed is a zstd frame all the same, and frames one behind the other are one stream."""

import io

import pytest
import zstandard

from fieldbeat.exchange.chunks import compressed, expanded, framed


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
