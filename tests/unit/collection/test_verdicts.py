"""How far images are looked at, and what a verdict follows from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from lookalike import Collection, Settings
from lookalike.collection import verdicts
from lookalike.collection.answers import chance_of_any
from lookalike.collection.queries import Query, query_of
from lookalike.collection.questions import Question
from lookalike.collection.verdicts import LOOKED_AT, verdict_of
from lookalike.images import Limits
from lookalike.sight.evidence import ONLY_SMALL
from pictures import draw, write

COPIES = 24
_SIZE = 320, 240


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """One picture in 24 qualities, and 25 others: too few for strangers of its own to be measured."""
    folder = tmp_path_factory.mktemp("crowded")
    for number in range(COPIES):
        draw(1, *_SIZE).save(folder / f"copy-{number:02d}.jpg", quality=40 + 2 * number)
    write(folder / "others", 25, first_seed=100)
    with Collection.open(folder / "collection", create=True, settings=Settings(threads=2)) as opened:
        opened.add([folder], exclude=["collection"])
        yield opened


def test_every_copy_is_found_however_many_there_are(crowded: Collection) -> None:
    matches = crowded.search(draw(1, *_SIZE), 40)
    assert [match.verdict for match in matches[:COPIES]] == ["copy"] * COPIES
    assert all(match.path.name.startswith("copy") for match in matches[:COPIES])
    assert {match.verdict for match in matches[COPIES:]} <= {"similar", "different"}


def test_of_strangers_only_the_best_are_looked_at(crowded: Collection) -> None:
    matches = crowded.search(draw(999, *_SIZE), 49)
    assert len(matches) == 49
    seen = [match for match in matches if match.evidence is not None]
    assert len(seen) == LOOKED_AT
    assert (
        min(match.copy_similarity for match in seen) > sorted(match.copy_similarity for match in matches)[0]
    )
    assert all(0 < match.p <= 1 for match in matches)


def test_a_copy_is_found_though_only_one_image_is_wanted(crowded: Collection) -> None:
    picture = draw(1, *_SIZE).rotate(90, expand=True)
    (match,) = crowded.search(picture, 1)
    assert (match.rank, match.verdict) == (1, "copy")


def test_a_vector_alone_proves_nothing(crowded: Collection) -> None:
    query = query_of(draw(1, *_SIZE), crowded.embedder, Limits())
    for match in crowded.answer(Query(query.vector), Question(20)).matches:
        assert match.evidence is None
        assert match.p >= 1e-5
        assert match.verdict in ("similar", "different")


def test_an_image_of_the_collection_knows_itself(crowded: Collection) -> None:
    image_id, path = crowded.images()[3]
    first, second = crowded.answer(crowded.bases.query_of(image_id), Question(2)).matches
    assert (first.path, first.verdict, first.p) == (path, "identical", 0)
    assert second.verdict == "copy"


def test_the_same_pixels_in_another_file_are_identical(crowded: Collection, tmp_path: Path) -> None:
    _, path = crowded.images()[3]
    with Collection.open(tmp_path / "c", create=True) as collection:
        collection.add([path])
        Image.open(path).convert("RGB").save(tmp_path / "same.png")
        (match,) = collection.search(tmp_path / "same.png", 1)
    assert (match.verdict, match.p) == ("identical", 0)


def _page(number: int) -> Image.Image:
    page, font = Image.new("RGB", (600, 800), "white"), ImageFont.load_default(20)
    lines = [f"No. {number}", *(f"{line} parts at {line * 7}.50" for line in range(20))]
    ImageDraw.Draw(page).multiline_text((50, 50), "\n".join(lines), fill="black", font=font, spacing=12)
    return page


def test_of_documents_that_differ_in_a_digit_none_is_a_copy(tmp_path: Path) -> None:
    pages = [tmp_path / f"{number}.png" for number in (1001, 1002, 1003)]
    for path in pages:
        _page(int(path.stem)).save(path)
    _page(1002).save(tmp_path / "query.jpg", quality=60)
    with Collection.open(tmp_path / "c", create=True) as collection:
        collection.add(pages)
        first, *others = collection.search(tmp_path / "query.jpg", 3, fpr=1e-3)
        assert (first.path.name, first.verdict) == ("1002.png", "copy")
        assert [match.verdict for match in others] == ["similar"] * 2
        for match in others:
            assert match.evidence is not None
            assert match.evidence.words == ("differs in detail: the upper third",)
    (tmp_path / "1001.png").unlink()
    with Collection.open(tmp_path / "c") as collection:
        matches = {match.path.name: match for match in collection.search(tmp_path / "query.jpg", 3)}
        gone = matches["1001.png"]
        assert gone.verdict == "copy"  # as far as can be seen
        assert gone.evidence is not None
        assert gone.evidence.words == (ONLY_SMALL,)
        assert matches["1003.png"].verdict == "similar"


def test_so_many_get_the_close_look(crowded: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "CLOSELY", 3)
    matches = crowded.search(draw(1, *_SIZE), COPIES)
    words = [match.evidence.words for match in matches if match.evidence is not None]
    assert [match.verdict for match in matches] == ["copy"] * COPIES
    assert sum(ONLY_SMALL in some for some in words) == COPIES - 3


@pytest.mark.parametrize(
    ("p", "fpr", "distance", "verdict"),
    [
        (0, 1e-15, 2, "identical"),
        (1e-6, 1e-6, 2, "copy"),
        (1.1e-6, 1e-6, 0.2, "similar"),
        (1.1e-6, 1e-5, 0.2, "copy"),
        (1, 1e-6, 0.26, "similar"),
        (1, 1e-6, 0.27, "different"),
    ],
)
def test_borders(p: float, fpr: float, distance: float, verdict: str) -> None:
    assert verdict_of(p, fpr, distance, 0.26) == verdict


def test_the_chance_that_any_of_many_scores_so_high() -> None:
    assert chance_of_any(0, 10**6) == 0
    assert chance_of_any(1, 5) == 1
    assert chance_of_any(0.5, 2) == pytest.approx(0.75)
    assert chance_of_any(1e-12, 10**6) == pytest.approx(1e-6, rel=1e-4)
