"""PNG, JPEG and TIFF files as pages to draw. Only child processes may import this; Pillow comes
with the OCR extra."""

import io
import warnings
from importlib import import_module
from typing import Any

from agentflow_desktop.adapters.readers.parsed import Unreadable

_MAX_PIXELS = 120_000_000


def page_count(content: bytes) -> int:
    """How many pictures the file holds. Raises Unreadable if it is damaged."""
    return int(getattr(_opened(content), "n_frames", 1))


def page_pixels(
    content: bytes, number: int, width_px: int, max_pixels: int
) -> tuple[int, int, bytes]:
    """Width, height and pixels (blue, green, red, unused) of a page, counted from 1, at most as
    large as it is. Raises Unreadable."""
    from agentflow_desktop.adapters.readers.pdf_drawing import picture_size

    image, operations = _pillow("Image"), _pillow("ImageOps")
    picture = _opened(content)
    try:
        picture.seek(number - 1)
        upright: Any = operations.exif_transpose(picture)
        width, height = int(upright.size[0]), int(upright.size[1])
        wide, high = picture_size(width, height, min(width_px, width), max_pixels)
        if upright.mode in ("RGBA", "LA", "P", "PA"):
            shown: Any = upright.convert("RGBA")
            white = image.new("RGBA", shown.size, "white")
            upright = image.alpha_composite(white, shown)
        drawn: Any = upright.convert("RGB").resize((wide, high))
    except (OSError, EOFError, ValueError, SyntaxError) as error:
        raise Unreadable("It is damaged: the picture can't be drawn.") from error
    pixels: bytes = drawn.tobytes("raw", "BGRX")
    return wide, high, pixels


def _pillow(module: str) -> Any:
    """A module of Pillow, which is there if the extra is."""
    return import_module(f"PIL.{module}")


def _opened(content: bytes) -> Any:
    image = _pillow("Image")
    warnings.simplefilter("ignore", image.DecompressionBombWarning)  # the size is judged below
    try:
        picture: Any = image.open(io.BytesIO(content), formats=("PNG", "JPEG", "TIFF"))
    except (OSError, ValueError, SyntaxError, image.DecompressionBombError) as error:
        raise Unreadable("It is damaged: the picture can't be opened.") from error
    if picture.size[0] * picture.size[1] > _MAX_PIXELS:
        raise Unreadable("The picture is too large to be read.")
    return picture
