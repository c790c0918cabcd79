"""Pictures as the second look and the close look see them, made once for each of the last few pictures.

To reduce a picture computes for 6 ms. Tests hold one picture against several others, and each of two against
the other.
"""

from __future__ import annotations

from cachetools import LRUCache, cached
from PIL import Image

from lookalike.sight import Evidence, Fine, Sight, look, looked_closely

_LAST = 16


def looked(first: Image.Image, second: Image.Image) -> Evidence:
    """Hold two pictures against each other; neither may be drawn on afterwards."""
    return _looked(first, second)[0]


def closely(first: Image.Image, second: Image.Image) -> Evidence:
    """The same, and closely if one passes for the other."""
    return looked_closely(looked(first, second), _fine(first)[0], _fine(second)[0])


# Each keeps the pictures beside what was made of them, so that no other picture gets their ``id``.


@cached(LRUCache(_LAST), key=lambda first, second: (id(first), id(second)))
def _looked(first: Image.Image, second: Image.Image) -> tuple[Evidence, Image.Image, Image.Image]:
    return look(_sight(first)[0], _sight(second)[0]), first, second


@cached(LRUCache(_LAST), key=id)
def _sight(image: Image.Image) -> tuple[Sight, Image.Image]:
    return Sight(image), image


@cached(LRUCache(_LAST), key=id)
def _fine(image: Image.Image) -> tuple[Fine, Image.Image]:
    return Fine(image), image
