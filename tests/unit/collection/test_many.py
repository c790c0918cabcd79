"""A search by many pictures gives what a search by each alone gives."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageEnhance
from sklearn.datasets import load_sample_images

import hostile
from lookalike import Answer, Client, Collection, Settings
from lookalike.collection.pictures import Source
from lookalike.errors import ImageError, LookalikeError, NotFoundError, UsageError
from lookalike.index import LSHIndex
from pictures import draw


@pytest.fixture(scope="module")
def photos(filled: Collection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos, and five pieces of each, of which no two show the same."""
    folder = tmp_path_factory.mktemp("photos")
    for number, pixels in enumerate(load_sample_images()["images"]):
        photo = Image.fromarray(pixels)
        photo.save(folder / f"photo-{number}.jpg", quality=90)
        for piece in range(5):
            left, top = piece % 4 * 160, piece // 4 * 142
            photo.crop((left, top, left + 160, top + 142)).save(folder / f"piece-{number}-{piece:02}.png")
    return folder


@pytest.fixture(scope="module")
def album(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    place = tmp_path_factory.mktemp("album")
    with Collection.open(place, create=True, settings=Settings(threads=2)) as collection:
        assert collection.add([photos]).added == 12
        yield collection


@pytest.fixture(scope="module")
def asked(photos: Path) -> list[Source]:
    """Files, edited copies as bytes and in memory, strangers, and what cannot be read."""
    photo = Image.open(photos / "photo-0.jpg")
    return [
        *sorted(photos.iterdir()),
        str(photos / "photo-1.jpg"),
        hostile.encoded(photo.convert("RGB"), "JPEG", quality=30),
        ImageEnhance.Brightness(photo.resize((320, 214))).enhance(1.2),
        photo.rotate(90, expand=True),
        draw(99),
        b"no picture",
        photos / "nowhere.png",
        "http://127.0.0.1/private.png",
        (photos / "photo-1.jpg").read_bytes()[:-2000],
    ]


def alone(collection: Collection, picture: Source, *args: Any, **wanted: Any) -> Answer | ImageError:
    try:
        found = collection.ask(picture, *args, **wanted)
    except ImageError as error:
        return error
    return Answer(**{field.name: getattr(found, field.name) for field in dataclasses.fields(Answer)})


def plain(outcome: Answer | LookalikeError) -> Any:
    """Every field of every match, and of the evidence for it; or kind and text of an error."""
    if isinstance(outcome, LookalikeError):
        return type(outcome), str(outcome)
    facts = [match.facts() for match in outcome.matches]
    return facts, outcome.images, outcome.fpr, outcome.expected_false


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"k": 3, "metric": "hamming", "verdicts": {"identical", "copy"}, "fpr": 1e-5},
        {"metric": "euclidean", "recall": 0.5, "max_distance": 0.6},
    ],
)
def test_each_gets_the_answer_it_gets_alone(
    wanted: dict[str, Any], album: Collection, asked: list[Source]
) -> None:
    found = list(album.search_many(iter(asked), **wanted))
    assert [plain(one) for one in found] == [plain(alone(album, picture, **wanted)) for picture in asked]
    assert [isinstance(one, Answer) for one in found] == [True] * 17 + [False] * 3 + [True]
    first = [one.matches[0].verdict for one in found if isinstance(one, Answer) and one.matches]
    assert first[:16] == ["identical"] * 13 + ["copy"] * 3


def test_a_folder_may_be_relative(album: Collection, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photos.parent)
    (answer,) = album.search_many([photos / "photo-0.jpg"], 1, folder=photos.name)
    assert isinstance(answer, Answer)
    assert answer.matches[0].path == photos / "photo-0.jpg"
    with pytest.raises(UsageError, match="no picture of the collection lies in the folder"):
        list(album.search_many([photos / "photo-0.jpg"], folder="elsewhere"))


def test_the_index_is_asked_once_for_up_to_64_pictures_and_none_is_drawn_too_early(
    filled: Collection, gallery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    search = LSHIndex.search

    def counted(index: LSHIndex, queries: Any, *args: Any, **more: Any) -> Any:
        asked.append(len(queries))
        return search(index, queries, *args, **more)

    monkeypatch.setattr(LSHIndex, "search", counted)
    files = sorted(gallery.iterdir())
    drawn = iter([*files, *files, b"", *files])
    answers = filled.search_many(drawn, 1)
    assert asked == []
    for path, answer in zip([*files, *files], answers, strict=False):
        assert isinstance(answer, Answer)
        assert answer.matches[0].path == path
    assert (len(asked), len(list(drawn))) == (1, 27)
    assert asked[0] >= 63  # and what looks like pictures within these
    assert len(list(answers)) == 4  # the error, and the three that were read with the others
    assert len(asked) == 1
    assert list(filled.search_many([b"", b"text"])) != []
    assert len(asked) == 1


def test_what_makes_no_sense_is_told(filled: Collection, collection: Collection) -> None:
    ours, theirs = (inspect.signature(kind.search_many) for kind in (Collection, Client))
    assert ours == theirs
    assert list(filled.search_many([])) == []
    with pytest.raises(UsageError):
        filled.search_many([], k=0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'max_dist'"):
        filled.search_many([], max_dist=1)  # type: ignore[call-arg]
    for single in ("beach.jpg", b"\xff\xd8"):
        with pytest.raises(UsageError, match="pictures must be a list of pictures, not a single"):
            next(filled.search_many(single))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="give a path, URL, bytes or picture"):
        next(filled.search_many([5]))  # type: ignore[list-item]
    with pytest.raises(NotFoundError, match="is empty"):
        next(collection.search_many([draw(1)]))
