"""Collages are divided when they are indexed, and a search for a picture in one finds it."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from fresh import run_fresh
from kept_looks import kept_looks
from lookalike import Collection, Settings
from lookalike.alterations.compositions import collage
from lookalike.collection import divided as divided_module
from lookalike.collection import dividing, judging
from lookalike.collection.divided import copies_by_panels
from lookalike.collection.queries import query_of
from lookalike.collection.reports import Progress
from lookalike.errors import Busy
from lookalike.sight import PANEL_RULES
from lookalike.sight.evidence import ONLY_SMALL
from lookalike.store import PanelsOfImages
from scenes import scene
from stores import write_behind

SHEETS = 6
SHOWN = {sheet: range(100 + 9 * sheet, 109 + 9 * sheet) for sheet in range(SHEETS)}
"""Seeds of the nine scenes that each collage shows, none of which is in the collection by itself."""


def nine(sheet: int) -> Image.Image:
    first, *others = (scene(seed) for seed in SHOWN[sheet])
    return collage(first, others, columns=3, rows=3)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos, and collages of nine others each."""
    folder = tmp_path_factory.mktemp("pictures")
    for seed in range(20):
        scene(seed).save(folder / f"photo-{seed}.png", compress_level=1)
    for sheet in range(SHEETS):
        nine(sheet).save(folder / f"sheet-{sheet}.png", compress_level=1)
    return folder


@pytest.fixture(scope="module")
def store(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collection") / "store"
    with Collection.open(folder, create=True, settings=Settings(threads=2)) as collection:
        collection.add([pictures])
    return folder


@pytest.fixture
def collection(store: Path, tmp_path: Path) -> Iterator[Collection]:
    shutil.copytree(store, tmp_path / "store")
    with Collection.open(tmp_path / "store", settings=Settings(threads=2)) as opened:
        yield opened


def kept(collection: Collection) -> PanelsOfImages:
    return PanelsOfImages(collection.bases.database, collection.embedder.fingerprint, PANEL_RULES)


def divided(collection: Collection) -> list[str]:
    """Names of the pictures that have panels, sorted."""
    names = {image_id: path.stem for image_id, path in collection.images()}
    return sorted(names[image_id] for image_id in kept(collection).all())


def copies_of(collection: Collection, picture: Image.Image, **wanted: object) -> dict[str, str]:
    """The copies that are found of a picture, by name, with what the evidence says last."""
    return {
        match.path.stem: match.evidence.words[-1] if match.evidence else ""
        for match in collection.search(picture, 10, **wanted)  # type: ignore[arg-type]
        if match.verdict in ("copy", "identical")
    }


SHEET_NAMES = [f"sheet-{sheet}" for sheet in range(SHEETS)]


def test_collages_have_panels_once_they_are_indexed_and_photos_have_none(collection: Collection) -> None:
    assert divided(collection) == SHEET_NAMES
    panels = collection.bases.now().panels
    assert panels is not None
    assert 8 * SHEETS < len(panels) <= 9 * SHEETS


def test_cells_are_found_in_the_file_if_it_is_there(collection: Collection, tmp_path: Path) -> None:
    """Of the gaps of this one, the small picture shows none."""
    sheet = Image.new("RGB", (3 * 166 + 6, 3 * 126 + 6), "navy")
    for place in range(9):
        row, column = divmod(place, 3)
        sheet.paste(scene(300 + place, 160, 120), (6 + 166 * column, 6 + 126 * row))
    sheet.save(tmp_path / "navy.png")
    collection.add([tmp_path / "navy.png"])
    (navy,) = (image_id for image_id, path in collection.images() if path.stem == "navy")
    panels = collection.bases.now().panels
    assert panels is not None
    assert panels.count_of(navy) == 9


def test_a_picture_in_a_collage_finds_it(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = [(sheet, SHOWN[sheet][cell]) for sheet in range(SHEETS) for cell in (0, 4)]

    def found() -> int:
        copies = {seed: copies_of(collection, scene(seed)) for _, seed in seeds}
        assert all(set(copies[seed]) <= {f"sheet-{sheet}"} for sheet, seed in seeds)
        return sum(map(bool, copies.values()))

    with kept_looks():
        with_panels = found()
        monkeypatch.setattr(judging, "_LEAST_NEAR", 1.1)
        assert with_panels >= 9  # of 12; of four cells, which blend into their neighbours, no panel is made
        assert found() <= with_panels - 3


def test_the_evidence_says_where(collection: Collection) -> None:
    basis = collection.bases.now()
    assert basis.panels is not None
    query = query_of(scene(SHOWN[2][8]), basis.embedder, basis.limits)
    (near,) = basis.panels.near(basis.embedder.card.copy_part(query.vector[None])[0], 0.7)
    ((image, judgement),) = copies_by_panels(query, [near], (), 1e-6, basis, tries=1).values()
    assert image.paths[0].stem == "sheet-2"
    assert judgement.verdict == "copy"
    assert judgement.evidence is not None
    assert judgement.evidence.words[-1] == "shown in a part of it, 10 %: the lower right"
    assert judgement.evidence.first_shown == pytest.approx(0.105, abs=0.01)
    assert judgement.evidence.second_shown > 0.95
    assert copies_by_panels(query, [near], {image.image_id}, 1e-6, basis, tries=1) == {}


def words_of(collection: Collection, picture: Image.Image) -> tuple[str, ...]:
    first = collection.search(picture)[0]
    assert (first.path.stem, first.verdict) == ("sheet-0", "copy")
    return first.evidence.words if first.evidence else ()


def test_a_copy_is_looked_at_closely_by_the_file_of_the_collage(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = scene(SHOWN[0][0])
    assert ONLY_SMALL not in words_of(collection, shown)
    monkeypatch.setattr(divided_module, "MOST_PIXELS", 0)
    assert ONLY_SMALL in words_of(collection, shown)


def test_the_query_is_decoded_once_for_all_collages_that_show_it(collection: Collection) -> None:
    shown = scene(200, 640, 480)
    for seed in (210, 220):
        others = [scene(seed + place, 640, 480) for place in range(3)]
        collection.add_uploads([collage(shown, others)])
    basis = collection.bases.now()
    query, decoded = query_of(shown, basis.embedder, basis.limits), []

    def whole(at_least: int | None = None) -> Image.Image:
        decoded.append(at_least)
        return shown

    assert basis.panels is not None
    near = basis.panels.near(basis.embedder.card.copy_part(query.vector[None])[0], 0.5)
    found = copies_by_panels(query._replace(whole=whole), near, (), 1e-6, basis, tries=1)
    assert len(found) == 2
    assert len(decoded) == 1


def test_a_collage_is_found_though_its_file_is_gone(pictures: Path, tmp_path: Path) -> None:
    own = shutil.copytree(pictures, tmp_path / "own", ignore=shutil.ignore_patterns("photo-*"))
    with Collection.open(tmp_path / "store", create=True, settings=Settings(threads=2)) as collection:
        collection.add([own], save=False)
        (own / "sheet-0.png").unlink()
        collection.add([own])
        assert divided(collection) == SHEET_NAMES
        assert ONLY_SMALL in words_of(collection, scene(SHOWN[0][0]))


def test_every_panel_is_a_chance_for_strangers(collection: Collection) -> None:
    basis = collection.bases.now()
    images = {path.stem: image_id for image_id, path in collection.images()}
    assert basis.panels_of(images["sheet-1"]) in (8, 9)
    assert basis.panels_of(images["photo-1"]) == 0
    counts = {name: basis.panels_of(image_id) for name, image_id in images.items()}
    before = {match.path.stem: match.p for match in collection.search(scene(50), 26)}
    with collection.bases.database.atomic() as connection:
        connection.execute("DELETE FROM panels")
    after = {match.path.stem: match.p for match in collection.search(scene(50), 26)}
    for name, p in after.items():
        assert before[name] == pytest.approx(1 - math.pow(1 - p, 1 + counts[name]), rel=1e-6)


def test_a_stranger_is_no_copy_of_a_collage(collection: Collection) -> None:
    for seed in range(60, 70):
        assert copies_of(collection, scene(seed)) == {}


def test_two_collages_that_share_a_picture_are_no_copies(collection: Collection) -> None:
    shared, *others = scene(SHOWN[0][0]), *(scene(seed) for seed in range(60, 63))
    assert copies_of(collection, collage(shared, others)) == {}


def test_only_images_that_are_asked_about_are_found(
    collection: Collection, pictures: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    scene(70).save(elsewhere / "other.png")
    collection.add([elsewhere])
    query = scene(SHOWN[3][0])
    assert list(copies_of(collection, query, folder=pictures)) == ["sheet-3"]
    assert copies_of(collection, query, folder=elsewhere) == {}


def test_no_collage_is_divided_twice(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dividing.OwnPanels, "_found_in", lambda *_: pytest.fail("divided again"))
    paths = [path for _, path in collection.images()]
    collection.add(paths)


def test_a_collection_that_was_made_before_is_divided_by_the_next_index(
    collection: Collection, pictures: Path
) -> None:
    with collection.bases.database.atomic() as connection:
        connection.execute("DELETE FROM panels")
        connection.execute("DELETE FROM scans")
    assert collection.bases.now().panels is None
    collection.add([pictures])
    assert divided(collection) == SHEET_NAMES


def test_many_images_that_are_divided_are_reported(
    collection: Collection, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dividing, "_RECORDED", 10)
    images = len(collection)
    seen: list[Progress] = []
    with collection.bases.database.atomic() as connection:  # as if an older version had indexed them
        connection.execute("DELETE FROM panels")
        connection.execute("DELETE FROM scans")
    monkeypatch.setattr(dividing.OwnPanels, "_found_in", lambda own, images: {})
    collection.add([pictures], on_progress=seen.append)
    assert seen == [Progress(0, 0), *(Progress(done, images) for done in (0, 10, 20, images))]
    collection.bases.keep(seen.append)
    assert len(seen) == 5


def test_an_interrupted_run_is_gone_on_with(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dividing, "_RECORDED", 4)
    record, calls = PanelsOfImages.record, []

    def stop(*args: object) -> None:
        record(*args)  # type: ignore[arg-type]
        calls.append(args)
        if len(calls) == 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(PanelsOfImages, "record", stop)
    with Collection.open(tmp_path / "store", create=True, settings=Settings(threads=2)) as collection:
        with pytest.raises(KeyboardInterrupt):
            collection.add([pictures])
        monkeypatch.setattr(PanelsOfImages, "record", record)
        looked_at: list[int] = []
        found_in = dividing.OwnPanels._found_in
        monkeypatch.setattr(
            dividing.OwnPanels,
            "_found_in",
            lambda own, images: looked_at.extend(images) or found_in(own, images),
        )
        collection.add([pictures])
        assert len(looked_at) < len(collection)
        assert divided(collection) == SHEET_NAMES


def test_damaged_panels_are_found_again(collection: Collection, pictures: Path, tmp_path: Path) -> None:
    before = kept(collection).all()
    first, second, *_ = before
    file = tmp_path / "store" / "catalog.sqlite"
    write_behind(file, "UPDATE panels SET data = x'00' WHERE image_id = ?", first)
    write_behind(file, "UPDATE panels SET rules = rules - 1 WHERE image_id = ?", second)
    assert sorted(kept(collection).all()) == sorted(set(before) - {first, second})
    collection.add([pictures])
    assert kept(collection).all() == before


def test_an_upload_is_divided_at_once_and_found(collection: Collection, tmp_path: Path) -> None:
    assert copies_of(collection, scene(200)) == {}
    sheet = collage(scene(200), [scene(seed) for seed in range(201, 204)])
    sheet.save(tmp_path / "sheet.png")
    (upload,) = collection.add_uploads([(tmp_path / "sheet.png").read_bytes()])
    assert upload.image_id in kept(collection).all()
    assert len(copies_of(collection, scene(203))) == 1
    assert upload.image_id is not None
    collection.forget(upload.image_id)
    assert copies_of(collection, scene(203)) == {}


def test_an_upload_is_kept_though_it_cannot_be_divided(
    collection: Collection, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Busy("somebody else writes")

    monkeypatch.setattr(PanelsOfImages, "record", busy)
    (upload,) = collection.add_uploads([collage(scene(300), [scene(301), scene(302), scene(303)])])
    monkeypatch.undo()
    assert upload.new
    collection.add([pictures])
    assert upload.image_id in kept(collection).all()


@pytest.mark.parametrize("kept_of_it", ["vectors alone", "no small pictures"])
def test_without_small_pictures_no_collage_is_divided(
    pictures: Path, tmp_path: Path, kept_of_it: str
) -> None:
    settings = Settings(threads=2, sights=kept_of_it != "no small pictures")
    keep = "vectors" if kept_of_it == "vectors alone" else "all"
    with Collection.open(tmp_path / "store", create=True, keep=keep, settings=settings) as collection:
        collection.add([pictures / "sheet-0.png"])
        assert divided(collection) == []
        assert collection.bases.now().panels is None


def test_another_embedder_divides_them_anew(collection: Collection) -> None:
    assert copies_of(collection, scene(SHOWN[0][0])) != {}
    collection.reembed("resnet34")
    assert divided(collection) == []  # it has no copy part
    assert not len(collection.bases.now().panels or ())
    assert copies_of(collection, scene(SHOWN[0][0])) == {}
    collection.reembed("lite0")
    assert divided(collection) == SHEET_NAMES


def test_a_search_among_photos_does_not_load_what_is_for_collages(pictures: Path, tmp_path: Path) -> None:
    with Collection.open(tmp_path / "store", create=True, settings=Settings(threads=2)) as collection:
        collection.add(pictures.glob("photo-*.png"))
    code = (
        "import sys; from lookalike import Collection\n"
        "print(len(Collection.open(sys.argv[1]).search(sys.argv[2])), *sys.modules)"
    )
    count, *modules = run_fresh(code, tmp_path / "store", pictures / "photo-3.png").stdout.split()
    assert count == "10"
    unneeded = {f"lookalike.collection.{name}" for name in ("divided", "dividing", "kept_panels")}
    assert not unneeded & {*modules}
