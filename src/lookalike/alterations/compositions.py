"""A picture shown together with others: pasted on one, or as a cell of a collage."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageOps

_WHITE = (255, 255, 255)


def paste_on(
    image: Image.Image, background: Image.Image, share: float, offset: tuple[float, float] = (0.5, 0.5)
) -> Image.Image:
    """Lay a picture over part of another one.

    Args:
        image: RGB; scaled, in its own proportions, to fit.
        background: RGB; its size is the size of the result.
        share: of the background's width and height, above 0 and up to 1, that the picture may take.
        offset: where it lies within its room to move, from (0, 0), top left, to (1, 1), bottom right.

    Returns:
        a new RGB image.
    """
    room = (max(1, round(background.width * share)), max(1, round(background.height * share)))
    fitted = ImageOps.contain(image, room, Image.Resampling.LANCZOS)
    left = round((background.width - fitted.width) * offset[0])
    top = round((background.height - fitted.height) * offset[1])
    together = background.copy()
    together.paste(fitted, (left, top))
    return together


def collage(
    image: Image.Image, others: Sequence[Image.Image], columns: int = 2, rows: int = 2, cell: int = 0
) -> Image.Image:
    """Show a picture as one of several in a grid.

    Args:
        image: RGB; seen whole, at half its size.
        others: RGB pictures that fill the other cells in turn, cut to the picture's proportions.
        columns: number of cells in a row.
        rows: number of rows.
        cell: which cell the picture takes, counted by rows from the top left, from 0.

    Returns:
        a new RGB image with thin white gaps between the cells and around them.
    """
    wide, tall = (max(1, round(side / 2)) for side in image.size)
    gap = max(1, round(min(wide, tall) * 0.03))
    grid = Image.new("RGB", (columns * (wide + gap) + gap, rows * (tall + gap) + gap), _WHITE)
    filled = 0
    for place in range(columns * rows):
        row, column = divmod(place, columns)
        source = image
        if place != cell:
            source = others[filled % len(others)]
            filled += 1
        part = ImageOps.fit(source, (wide, tall), Image.Resampling.LANCZOS)
        grid.paste(part, (gap + column * (wide + gap), gap + row * (tall + gap)))
    return grid
