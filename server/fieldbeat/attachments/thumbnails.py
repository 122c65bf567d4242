"""A small picture of a large one: upright, without what the camera wrote beside it (such as where it was taken)."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

SIDE_PX_MAX = 512
PIXELS_MAX = 60_000_000  # a compressed picture of a few bytes may unfold to gigabytes: none larger is unfolded
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP")

warnings.filterwarnings("error", category=Image.DecompressionBombWarning)  # Pillow's own limit, told as an error


class NoThumbnail(Exception):
    """There is no thumbnail of this."""


def thumbnail_of(original: bytes) -> bytes:
    """A JPEG of at most SIDE_PX_MAX pixels a side, turned as the camera said, transparency on white.

    Refuses (`NoThumbnail`) what is no picture, a broken one, and one of more than PIXELS_MAX pixels.
    """
    try:
        with Image.open(io.BytesIO(original), formats=FORMATS) as picture:
            if picture.width * picture.height > PIXELS_MAX:
                raise NoThumbnail(f"{picture.width} x {picture.height} pixels")
            return _small(picture)
    except (
        UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning,
        OSError, SyntaxError, ValueError, EOFError,
    ) as error:  # fmt: skip
        raise NoThumbnail(repr(error)) from error


def _small(picture: Image.Image) -> bytes:
    picture.draft("RGB", (2 * SIDE_PX_MAX, 2 * SIDE_PX_MAX))
    picture.thumbnail((SIDE_PX_MAX, SIDE_PX_MAX))
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright)
    kept = io.BytesIO()
    plain.save(kept, "JPEG", quality=QUALITY, optimize=True)
    return kept.getvalue()
