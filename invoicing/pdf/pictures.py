"""Pictures for Typst, whose files in memory have to be text: a PNG or JPEG goes inside an SVG of its size."""

import base64
import struct

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
TYPES = {PNG: "image/png", JPEG: "image/jpeg"}
# Frames that carry the size of a JPEG (ITU-T T.81, table B.1): all of C0 to CF but tables and what is reserved.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
LARGEST_SIDE = 10_000


def picture_type(picture: bytes) -> str:
    """By what it begins with; empty where it is none that is taken."""
    return next((kind for start, kind in TYPES.items() if picture.startswith(start)), "")


def as_svg(picture: bytes) -> bytes:
    """The picture inside an SVG; an SVG stays as it is. A ValueError where it is neither, or has no size."""
    if b"<svg" in picture[:1000]:
        return picture
    width, height = size_of(picture)
    data = base64.b64encode(picture).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:{picture_type(picture)};base64,{data}"/></svg>'
    ).encode()


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height in dots. A ValueError where the picture does not say."""
    try:
        width, height = _png_size(picture) if picture.startswith(PNG) else _jpeg_size(picture)
    except (struct.error, IndexError) as error:
        raise ValueError("the picture ends before its size") from error
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise ValueError(f"the picture is {width} by {height} dots")
    return width, height


def _png_size(picture: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", picture, 16)
    return width, height


def _jpeg_size(picture: bytes) -> tuple[int, int]:
    if not picture.startswith(JPEG):
        raise ValueError("neither PNG nor JPEG")
    place = 2
    while True:
        while picture[place] != 0xFF or picture[place + 1] in (0xFF, 0x00):
            place += 1
        marker = picture[place + 1]
        if marker in FRAMES:
            height, width = struct.unpack_from(">HH", picture, place + 5)
            return width, height
        place += 2 + struct.unpack_from(">H", picture, place + 2)[0]
