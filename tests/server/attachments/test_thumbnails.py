"""A thumbnail is upright, small and tells nothing but the picture; of what cannot be read there is none."""

import io
import struct
import zlib

import pytest
from PIL import Image

from fieldbeat.attachments.thumbnails import NoThumbnail, thumbnail_of
from fieldbeat_testing.files import photo

ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825
TURNED_LEFT = 8  # the camera was held so that the picture must be turned a quarter to the left


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_picture_is_turned_as_the_camera_says_and_loses_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = TURNED_LEFT, "Camera"
    exif.get_ifd(GPS)[2] = (48.0, 8.0, 0.0)
    original = photo(1600, 800, exif=exif)
    assert opened(original).getexif().get_ifd(GPS)
    small = opened(thumbnail_of(original))
    assert small.size == (256, 512)
    assert not small.getexif()
    assert b"Exif" not in thumbnail_of(original)
    top, bottom = small.getpixel((128, 20)), small.getpixel((128, 490))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[2] > 200 > 60 > top[0]  # the right side, blue, is above now
    assert bottom[0] > 200 > 60 > bottom[2]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_kind_of_picture_has_one(kind: str) -> None:
    small = opened(thumbnail_of(photo(2000, 100, kind)))
    assert (small.format, small.size) == ("JPEG", (512, 26))


def test_a_small_picture_is_not_blown_up() -> None:
    assert opened(thumbnail_of(photo(40, 20, "PNG"))).size == (40, 20)


def test_a_signature_on_nothing_stands_on_white() -> None:
    kept = io.BytesIO()
    Image.new("RGBA", (60, 30), (0, 0, 0, 0)).save(kept, "PNG")
    assert opened(thumbnail_of(kept.getvalue())).getpixel((10, 10)) == (255, 255, 255)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says that it is huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"no picture", photo()[:500], photo(kind="GIF"), photo(kind="TIFF"),
        bomb(8_000, 8_000), bomb(10_000, 10_000), bomb(60_000, 60_000),
    ],
    ids=["nothing", "text", "broken off", "gif", "tiff", "64 MP", "100 MP", "3.6 GP"],
)  # fmt: skip
def test_what_cannot_or_must_not_be_read_has_none(content: bytes) -> None:
    with pytest.raises(NoThumbnail):
        thumbnail_of(content)
