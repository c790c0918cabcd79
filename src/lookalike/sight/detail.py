"""Details: whether two pictures that agree everywhere else differ in some small places.

Saving a picture again, sharpening or recolouring it changes all of it a little: then many windows agree less
well, and the worst of them are only the worst of many. A number, a name or a face that was exchanged changes
its place and leaves all others as they are. So a difference counts only if the pictures agree well elsewhere,
and if it lies in few places, or both pictures show something there that is nothing alike, as two versions of
one form do in every field.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.quantiles import median, percentile
from lookalike.sight.evidence import Mask
from lookalike.sight.overlay import adjusted, drawn, laid_over, marked_each, one_way, over_both
from lookalike.sight.windows import AGREES, Laid, Windows, spread

_MOST = 0.15
"""Share of the windows that show something which may differ: more is no detail."""

# The level: the correlation that windows reach which lie apart from those that differ.
_AROUND = 2  # windows around one that differs, which what differs may touch; they are left out
_LOW = 0.5  # per cent of the other windows that may agree less well than the level
_HALF, _QUARTER = 0.5, 0.25  # least share of all windows that lie apart; a quarter if much differs
_WELL = 0.97  # least level at which a difference counts

# A window differs if its correlation is lower than this.
_SURE = 0.95  # in something drawn; it must also be
_TIMES = 15.0  # this many times as far from 1 as the level
_DIFFERS = 0.8  # in a photo

_FEW = 3  # most places in which windows may differ, or nearly differ
_SOMETHING_ELSE, _FEWEST = 0.3, 3
"""Two windows with contrast show something else if they correlate by less than 0.3. From 3 such windows on,
something drawn may differ in any number of places. A photo differs only if it has them, in few places."""

_WELL_FOR_THESE = 0.9  # least level at which a difference counts if there are such windows
_MUCH = 0.02  # share of such windows in something drawn, from which much differs

_ALL_OVER, _STILL_ALIKE = 0.4, 0.5
"""Two drawings, equally sharp, differ all over if a share of 0.4 of their windows differs. In patterns of
other tiles 0.41 to 0.59 did, while 299 of 302 edited drawings stayed below 0.2. The median window must still
correlate by 0.5: otherwise the two could not be laid on each other."""

_EXACT, _SHARE, _AT_LEAST = 0.999, 0.015, 20
"""If nothing was done to the whole of two drawings, half of their windows correlate by 0.999. They then
differ if both show something in a share of 0.015 and in 20 windows that differs to any degree: two digits can
be rather alike. Two heat maps with other numbers had a share of 0.029 and more; edited copies that left so
much exact had 0.002 at most, except for one after a median filter of 5 pixels."""

_CAPTION = 0.2  # share of the height that a caption may take


def agree_everywhere(windows: Windows) -> bool:
    """Whether no window differs at all, so that no other alignment can fit better."""
    return not bool((windows.shows & (windows.likeness < _SURE)).any())


def detail(laid: Laid, windows: Windows) -> Mask | None:
    """The place where two pictures differ in a detail.

    Args:
        laid: whole pictures of the same thing, as far as could be seen at a smaller size.
        windows: of both.

    Returns:
        (height, width) bool in the frame of ``laid``; None if they differ nowhere, or if that may come from
        what was done to the whole picture, or from something that was laid over a photo.
    """
    first, second = laid.raw()
    agreeing = spread((windows.likeness >= AGREES) & windows.shows, first.shape)
    if not agreeing.any():
        return None
    if drawn(first, agreeing) and drawn(second, agreeing):
        if _differ_all_over(windows) or else_exact(windows):
            return spread(windows.shows & (windows.likeness < _DIFFERS), first.shape)
        return _in_places(windows, first.shape, photo=False)
    both = over_both_photos(laid, windows)
    if both is not None:
        return both
    where = _in_places(windows, first.shape, photo=True)
    if where is None or one_way(first, second, where, agreeing) or laid_over(first, second, where, agreeing):
        return None
    return where


def over_both_photos(laid: Laid, windows: Windows) -> Mask | None:
    """The places where something stands in one of two photos and not in the other, in both directions.

    Two moments before one camera agree exactly where nothing has moved. However many things have, each is
    where it was in the one photo, and where it is now in the other.

    Args:
        laid: as for ``detail``.
        windows: of both.

    Returns:
        (height, width) bool in the frame of ``laid``; None if there are none, or only in one of the photos.
    """
    if not windows.other.any() or _level(windows, windows.other, _QUARTER) < _WELL:
        return None
    first, second = laid.raw()
    agreeing = spread((windows.likeness >= AGREES) & windows.shows, first.shape)
    if drawn(first, agreeing) or drawn(second, agreeing):
        return None
    where = spread(windows.other, first.shape)
    matched = adjusted(first, second, agreeing)
    return where if over_both(matched, second, where) or marked_each(matched, second, where) else None


def _in_places(windows: Windows, shape: tuple[int, ...], photo: bool) -> Mask | None:
    """The pixels, of a frame of that shape, where two pictures differ while they agree elsewhere, or None."""
    shows, like = windows.shows, windows.likeness
    nothing_alike = _nothing_alike(windows)
    exchanged = nothing_alike >= _FEWEST
    if photo and not exchanged:
        return None
    least = _HALF if photo or nothing_alike < _MUCH * shows.sum() else _QUARTER
    level = _level(windows, windows.other if photo else shows & (like < _SURE), least)
    limit = min(_SURE, 1 - _TIMES * (1 - level))
    if exchanged:
        limit = _DIFFERS if photo else max(limit, _DIFFERS)
    differing = windows.other if photo else shows & (like < limit)
    if level < (_WELL_FOR_THESE if exchanged else _WELL) or not differing.any():
        return None
    few = _places(shows & (like < (1 + limit) / 2)) <= _FEW and differing.sum() <= _MOST * shows.sum()
    if not few and (photo or not exchanged):
        return None
    return spread(differing, shape)


def is_drawn(laid: Laid, windows: Windows) -> bool:
    """Whether the larger of two pictures, as in ``detail``, is drawn, and no photo.

    The smaller one is not asked: reducing and saving it gives letters the many tones of a photo.
    """
    larger = laid.raw()[1]
    agreeing = spread((windows.likeness >= AGREES) & windows.shows, larger.shape)
    return bool(agreeing.any()) and drawn(larger, agreeing)


def _differ_all_over(windows: Windows) -> bool:
    """Whether so many windows differ that it is no detail, and no blur would explain it."""
    like = windows.likeness[windows.shows]
    return windows.as_sharp and bool((like < _DIFFERS).mean() >= _ALL_OVER and median(like) >= _STILL_ALIKE)


def else_exact(windows: Windows, edge: float = 0.0) -> bool:
    """Whether two drawings differ in some windows while half of all agree exactly.

    Hardly any edit of the whole leaves that, and no alignment that is off by a fraction of a pixel.

    Args:
        windows: of two drawings.
        edge: share of the height in which differences do not count, along the upper and the lower edge each.
    """
    differing = windows.other & windows.both
    rows = round(edge * len(differing))
    return (
        windows.as_sharp
        and bool(
            differing[rows : len(differing) - rows].sum() >= max(_AT_LEAST, _SHARE * windows.shows.sum())
        )
        and median(windows.likeness[windows.shows]) >= _EXACT
    )


def between_captions(laid: Laid, windows: Windows) -> Mask | None:
    """Where two drawings differ elsewhere than along an edge, where one of them may have a caption.

    Args:
        laid: as for ``detail``, but parts of the pictures may differ a lot.
        windows: of both.

    Returns:
        as ``detail``.
    """
    if not else_exact(windows, _CAPTION):
        return None
    agreeing = spread((windows.likeness >= AGREES) & windows.shows, laid.base.shape)
    if not all(drawn(side, agreeing) for side in laid.raw()):
        return None
    return spread(windows.other, laid.base.shape)


def _level(windows: Windows, differing: Mask, least: float) -> float:
    """The correlation that nearly all windows reach which lie apart from those that differ.

    Args:
        windows: of both pictures.
        differing: (rows, columns) bool.
        least: share of the windows that must lie apart, else 0 is returned.
    """
    elsewhere = windows.likeness[windows.shows & (_around(differing) == 0)]
    if elsewhere.size < least * windows.shows.sum():
        return 0.0
    return percentile(elsewhere, _LOW)


def _around(differing: Mask) -> NDArray[np.uint8]:
    """The windows that differ and those beside them, 1 each."""
    return np.asarray(cv2.dilate(differing.astype(np.uint8), np.ones((2 * _AROUND + 1,) * 2, np.uint8)))


def _places(differing: Mask) -> int:
    return int(cv2.connectedComponents(_around(differing))[0]) - 1


def _nothing_alike(windows: Windows) -> int:
    """Number of windows in which both pictures show something, and something else."""
    return int((windows.other & windows.both & (windows.likeness < _SOMETHING_ELSE)).sum())
