"""Two things of one outline are no copies, on all surfaces, if their embeddings are nothing alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lookalike import Collection, Hasher
from lookalike.sight import Evidence, Sight, look


def _frame() -> Image.Image:
    """A grey board with a thin black frame, on white ground."""
    image = Image.new("RGB", (500, 500), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((96, 30, 405, 468), (168, 168, 168), (10, 10, 10), 2)
    return image


def _rug() -> Image.Image:
    """A brown rug with a fine pile and a rough edge, on white ground."""
    random = np.random.default_rng(3)
    pixels = np.full((500, 500, 3), 255.0)
    pile = random.normal(0, 8, (436, 302, 1))
    pixels[32:468, 100:402] = np.array([72, 54, 40]) + pile
    for row in range(32, 468):
        pixels[row, 100 : 100 + random.integers(0, 4)] = 255
        pixels[row, 402 - random.integers(0, 4) : 402] = 255
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def test_a_frame_and_a_rug_are_no_copies(tmp_path: Path) -> None:
    assert look(Sight(_frame()), Sight(_rug())).verified  # their outlines agree, else this test shows nothing
    for name, image in (("frame", _frame()), ("rug", _rug())):
        image.save(tmp_path / f"{name}.png")
    compared = Hasher().compare(tmp_path / "frame.png", tmp_path / "rug.png")
    assert (compared.verdict, compared.evidence and compared.evidence.verified) == ("different", False)
    with Collection.open(tmp_path / "store", create=True) as collection:
        collection.add([tmp_path])
        found = {match.path.stem: match.verdict for match in collection.search(tmp_path / "frame.png")}
        assert found == {"frame": "identical", "rug": "different"}
        assert collection.duplicates() == []


@pytest.mark.parametrize(
    ("score", "shown", "distance", "believed"),
    [
        (150.0, (1.0, 0.92), 1.98, False),
        (150.0, (1.0, 0.92), 1.15, True),
        (150.0, (1.0, 0.3), 1.98, True),  # a crop
        (3.0, (1.0, 1.0), 1.98, True),  # not verified anyway
    ],
)
def test_only_whole_copies_must_be_near(
    score: float, shown: tuple[float, float], distance: float, believed: bool
) -> None:
    evidence = Evidence(score, first_shown=shown[0], second_shown=shown[1])
    told = evidence.believed(distance)
    assert (told == evidence) == believed
    assert believed or (told.verified, told.words) == (False, ("nothing alike to the network",))
