"""What is found of a collage: each picture that it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from lookalike import Collection, Hasher, Settings
from lookalike.alterations.compositions import collage
from lookalike.banks import Banks
from lookalike.collection.queries import query_of
from lookalike.embed import load_embedder
from lookalike.images import Limits
from lookalike.kernels.metrics import Metric
from scenes import scene

SHOWN = (3, 14, 15, 9)  # the pictures of the collection that the collage shows


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """A collection of 20 pictures."""
    folder = tmp_path_factory.mktemp("scenes")
    for seed in range(20):
        scene(seed).save(folder / f"{seed}.png", compress_level=1)
    with Collection.open(folder / "collection", create=True, settings=Settings(threads=2)) as opened:
        opened.add([folder], exclude=["collection"])
        yield opened


@pytest.fixture(scope="module")
def sheet() -> Image.Image:
    first, *others = (scene(seed) for seed in SHOWN)
    return collage(first, others)


def names(collection: Collection, picture: Image.Image, count: int = 10) -> dict[str, str]:
    """The verdict on each match, by its name, in the order of the matches."""
    return {match.path.stem: match.verdict for match in collection.search(picture, count)}


def test_all_pictures_of_a_collage_are_found(scenes: Collection, sheet: Image.Image) -> None:
    found = names(scenes, sheet)
    assert set(list(found)[:4]) == {str(seed) for seed in SHOWN}
    assert list(found.values())[:4] == ["copy"] * 4
    assert "copy" not in list(found.values())[4:]
    for match in scenes.search(sheet, 4):
        assert match.evidence is not None
        assert match.evidence.second_shown == pytest.approx(0.23, abs=0.03)
        assert match.evidence.words[-1].startswith("set into a larger picture")


def test_a_collage_of_strangers_finds_nothing(scenes: Collection) -> None:
    strangers = collage(scene(50), [scene(51), scene(52), scene(53)])
    assert not {"copy", "identical"} & set(names(scenes, strangers).values())


def test_each_match_is_as_far_as_it_is_from_the_whole(scenes: Collection, sheet: Image.Image) -> None:
    whole = query_of(sheet, scenes.embedder, Limits()).vector
    vectors = {
        int(path.stem): scenes.bases.catalog.image(image_id).vector for image_id, path in scenes.images()
    }
    for metric in ("cosine", "euclidean", "hamming"):
        for match in scenes.search(sheet, 20, metric=metric):
            vector = vectors[int(match.path.stem)]
            distance = Metric(metric).exact(whole, vector[None])[0]
            assert match.distance == pytest.approx(distance, abs=1e-5)
            parts = scenes.embedder.card.copy_part(np.stack([whole, vector])).astype(np.float64)
            assert match.copy_similarity == pytest.approx(float(parts[0] @ parts[1]), abs=1e-5)


def test_what_is_wanted_holds_for_pictures_of_a_collage(scenes: Collection, sheet: Image.Image) -> None:
    nearest, *_, farthest = scenes.search(sheet, 4)
    assert scenes.search(sheet, 4, max_distance=nearest.distance + 1e-6)[0] == nearest
    assert farthest not in scenes.search(sheet, 10, max_distance=farthest.distance - 1e-6)
    assert len(scenes.search(sheet, 20, verdicts={"copy"})) == 4
    assert len(scenes.search(sheet, 2)) == 2


def test_a_panel_with_the_same_pixels_is_a_copy_of_a_part(scenes: Collection) -> None:
    paper = Image.new("RGB", (700, 500), "white")
    paper.paste(scene(7), (200, 100))
    first, *others = scenes.search(paper, 3)
    assert (first.path.stem, first.verdict) == ("7", "copy")
    assert first.p > 0
    assert "copy" not in {match.verdict for match in others}


def test_a_picture_laid_over_a_stranger_is_found(scenes: Collection) -> None:
    ground = scene(50, 640, 480)
    ground.paste(scene(7), (120, 100))
    first, *others = scenes.search(ground, 3)
    assert (first.path.stem, first.verdict) == ("7", "copy")
    assert "copy" not in {match.verdict for match in others}


def test_each_panel_is_a_chance_for_strangers(scenes: Collection) -> None:
    fields = dict.fromkeys("pq")
    paper = Image.new("RGB", (700, 500), "white")
    paper.paste(scene(50), (200, 100))
    query = query_of(paper, scenes.embedder, Limits())
    assert len(query.panels) == 1
    fields = {match.path.stem: match.p for match in scenes.search(paper, 20)}
    bases = scenes.bases.now()
    calibration = bases.calibration
    part = scenes.embedder.card.copy_part
    for image_id, path in scenes.images():
        vector = bases.catalog.image(image_id).vector
        one, other = part(query.vector[None]), part(vector[None])
        scores = calibration.scores(
            (one @ other.T)[0], float(calibration.levels(one)[0]), calibration.levels(other), [None]
        )
        (chance,) = calibration.chances(scores, [None])
        if chance > 0.2:  # it has not been looked at, or nothing was seen
            assert fields[path.stem] == pytest.approx(1 - (1 - chance) ** 2, rel=1e-3)


def test_many_pictures_at_once_get_the_same_answers(scenes: Collection, sheet: Image.Image) -> None:
    pictures = [scene(50), sheet, scene(3)]
    answers = list(scenes.search_many(pictures, 10))
    assert [answer.matches for answer in answers] == [scenes.search(one, 10) for one in pictures]


def test_a_known_picture_in_a_collage_is_reported(scenes: Collection, sheet: Image.Image) -> None:
    known = Banks(scenes)
    known.create("known")
    known.add("known", [scenes.images()[0][1].parent / "14.png"])
    (result,) = known.check(sheet).results
    assert result.reported
    assert not known.check(collage(scene(50), [scene(51), scene(52), scene(53)])).reported


def test_a_collage_and_a_picture_in_it_are_the_same_either_way(sheet: Image.Image) -> None:
    nine = collage(scene(14), [scene(seed) for seed in range(60, 68)], columns=3, rows=3, cell=4)
    hasher = Hasher()
    for whole in (sheet, nine):
        into, out = hasher.compare(scene(14), whole), hasher.compare(whole, scene(14))
        assert (into.verdict, out.verdict) == ("copy", "copy")
        assert into.evidence is not None
        assert out.evidence is not None
        assert into.evidence.second_shown == pytest.approx(out.evidence.first_shown, abs=0.02)
        assert out.evidence.words[-1].startswith("cropped to")
    assert not hasher.compare(scene(50), nine).same
    assert not hasher.compare(nine, scene(50)).same


def test_panels_are_embedded_only_if_the_wholes_are_not_the_same(sheet: Image.Image) -> None:
    """Embedding the four panels of the collage takes most of the time of a comparison."""
    embedder = load_embedder("lite0")
    embed = embedder.embed
    embedded: list[int] = []

    class Counting:
        card, fingerprint = embedder.card, embedder.fingerprint

        def embed(self, images: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
            embedded.append(len(images))
            return embed(images)

    hasher = Hasher(Counting())
    assert hasher.compare(sheet, sheet.resize((sheet.width // 2, sheet.height // 2))).same
    assert sum(embedded) == 2
    assert not hasher.compare(scene(50), sheet).same
    assert sum(embedded) == 2 + 2 + len(SHOWN)
