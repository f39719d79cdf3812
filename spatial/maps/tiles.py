"""Cells of a large grid as small pictures: one colour per level, few bytes, and nothing where there is no cell.

A million cells are too many to draw one by one, and a picture of the whole grid would be mostly empty. So only parts of
the grid that hold cells become pictures, on the grid itself: the page lays each of them where its corners belong.
"""

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spatial.maps.encode import Json

SIDE = 256
"""Cells along the side of a picture, the empty rows and columns at its edges included."""
MOST_LEVELS = 255
"""Colours a palette has room for, beside that of nothing."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE = 3


def shades(ramp: Sequence[str], count: int) -> list[str]:
    """Return colours at even steps along a ramp, from its first to its last.

    Examples
    --------
    >>> shades(["#000000", "#804020"], 3)
    ['#000000', '#402010', '#804020']
    """
    stops = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in ramp], dtype=float)
    place = np.linspace(0.0, len(ramp) - 1.0, count)
    channels = [np.rint(np.interp(place, np.arange(len(ramp)), stops[:, channel])) for channel in range(3)]
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in np.stack(channels, axis=1).astype(int).tolist()]


def palette_png(levels: NDArray[np.uint8], colours: Sequence[str]) -> bytes:
    """Return levels as a PNG with a palette: level 0 is see-through, level n has the n-th colour.

    Parameters
    ----------
    levels
        Rows x columns.
    colours
        Colours as ``#rrggbb``, at most `MOST_LEVELS`.

    Raises
    ------
    ValueError
        If there are more colours than a palette holds, or a level has none.

    References
    ----------
    W3C (2003), Portable Network Graphics, https://www.w3.org/TR/2003/REC-PNG-20031110/
    """
    if len(colours) > MOST_LEVELS:
        raise ValueError(f"{len(colours)} colours do not fit a palette; {MOST_LEVELS} do")
    if levels.max(initial=0) > len(colours):
        raise ValueError(f"level {levels.max()} has no colour; there are {len(colours)}")
    rows, cols = levels.shape
    # each row begins with the number of its filter, none, which suits the places of a palette best
    lines = np.zeros((rows, cols + 1), dtype=np.uint8)
    lines[:, 1:] = levels
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", cols, rows, 8, _PALETTE, 0, 0, 0)),
        (b"PLTE", bytes.fromhex("000000" + "".join(colour[1:] for colour in colours))),
        (b"tRNS", b"\x00"),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def picture_tiles(number: NDArray[np.int64], level: NDArray[np.uint8], cols: int, colours: Sequence[str]) -> list[Json]:
    """Return the pictures of a grid's cells: first row and column, rows, columns and the PNG in base64.

    Parameters
    ----------
    number
        Numbers of the cells, row by row from the north-west.
    level
        Level of each cell, from 1.
    cols
        Columns of the grid.
    colours
        Colour of each level.
    """
    if not len(number):
        return []
    row, col = np.divmod(number, cols)
    tile = row // SIDE * (cols // SIDE + 1) + col // SIDE
    order = np.argsort(tile, kind="stable")
    found: list[Json] = []
    for part in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
        top, left = int(row[part].min()), int(col[part].min())
        cells = np.zeros((int(row[part].max()) - top + 1, int(col[part].max()) - left + 1), dtype=np.uint8)
        cells[row[part] - top, col[part] - left] = level[part]
        picture = base64.b64encode(palette_png(cells, colours)).decode("ascii")
        found.append([top, left, *cells.shape, picture])
    return found
