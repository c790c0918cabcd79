"""Duplicates of a real collection, by the bundled network and the second look."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import copies
from locked import locked
from lookalike import Collection, Settings
from lookalike.alterations import ALTERATIONS
from lookalike.collection.duplicates import finding
from lookalike.collection.duplicates.search import DuplicateSearch, Terms
from lookalike.collection.reports import Progress
from lookalike.errors import NotFoundError, UsageError
from lookalike.store import Database, LookedAtPairs


@dataclass(frozen=True)
class Place:
    """Pictures and the collection of them."""

    pictures: Path
    store: Path

    def opened(self, threads: int = 2) -> Collection:
        return Collection.open(self.store, create=True, settings=Settings(threads=threads))

    def looked_at(self) -> int:
        """How many pairs the collection remembers."""
        database = Database(self.store / "catalog.sqlite", create=False)
        try:
            return len(LookedAtPairs(database, finding.RULES).all())
        finally:
            database.close()


def _indexed(place: Place) -> Place:
    copies.write(place.pictures)
    with place.opened() as collection:
        collection.add([place.pictures])
    return place


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Pictures that no test changes, and a collection of them that was searched for duplicates."""
    folder = tmp_path_factory.mktemp("seen")
    place = _indexed(Place(folder / "pictures", folder / "store"))
    with place.opened() as collection:
        collection.duplicates()
    return place


@pytest.fixture
def place(seen: Place, tmp_path: Path) -> Place:
    """The same pictures, which the test may add to, and a collection of its own that was not searched yet."""
    shutil.copytree(seen.pictures, tmp_path / "pictures")
    mine = Place(tmp_path / "pictures", tmp_path / "store")
    with mine.opened() as collection:
        collection.add([mine.pictures])
    return mine


@pytest.fixture
def decided(seen: Place, tmp_path: Path) -> Place:
    """The pictures that no test changes, and a collection of its own that was searched."""
    shutil.copytree(seen.store, tmp_path / "store")
    return Place(seen.pictures, tmp_path / "store")


def test_exactly_the_copies_are_grouped(seen: Place) -> None:
    with seen.opened() as collection:
        assert copies.stems(collection.duplicates()) == copies.expected()


def test_a_member_says_what_was_done_to_it_and_what_its_file_is(seen: Place) -> None:
    with seen.opened() as collection:
        groups = collection.duplicates()
        facts = collection.catalog.images(member.image_id for group in groups for member in group.members)
    for group in groups:
        assert group.members[0].image_id == group.medoid
        assert group.least_similarity == min(member.similarity for member in group.members)
        assert [member.p for member in group.members[:1]] == [0.0]
        for member in group.members:
            assert member.sha256 == facts[member.image_id].sha256
            assert (member.width, member.height) == (
                facts[member.image_id].width,
                facts[member.image_id].height,
            )
            status = member.paths[0].stat()
            assert (member.bytes, member.modified) == (status.st_size, pytest.approx(status.st_mtime))
        for member in group.members[1:]:
            assert 0 < member.p <= 1e-6
            assert member.evidence is not None
            assert member.evidence.verified
    turned = copies.with_file(groups, "0-rotate-90")
    (middle,) = (member.paths[0].stem for member in turned.members if member.image_id == turned.medoid)
    (words,) = (member.evidence.words for member in turned.members if member.evidence is not None
                and member.paths[0].stem == ("0-rotate-90" if middle != "0-rotate-90" else "0"))  # fmt: skip
    assert any(word.startswith("turned by 90°") for word in words)


def test_a_second_search_looks_at_nothing_and_finds_the_same(seen: Place) -> None:
    told: list[Progress] = []
    before = seen.looked_at()
    with seen.opened() as collection:
        once = collection.duplicates()
        again = collection.duplicates(on_progress=told.append)
        images = len(collection)
    assert again == once
    assert told == [Progress(images, images)]
    assert seen.looked_at() == before > 0


def test_a_collection_that_can_only_be_read_is_searched_and_left_as_it_is(
    place: Place, tmp_path: Path
) -> None:
    files = {file: file.read_bytes() for file in place.store.rglob("*") if file.is_file()}
    with locked(place.store, tmp_path / "view") as view, Collection.open(view) as collection:
        found = collection.duplicates()
        assert copies.stems(found) == copies.expected()
        assert [group.group_id for group in collection.duplicates()] == [group.group_id for group in found]
    assert {file: file.read_bytes() for file in place.store.rglob("*") if file.is_file()} == files


def test_an_interrupted_search_goes_on_where_it_stopped(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_IMAGES_AT_ONCE", 2)

    def interrupt(progress: Progress) -> None:
        if progress.done >= 6:
            raise KeyboardInterrupt

    told: list[Progress] = []
    with place.opened(threads=1) as collection:
        with pytest.raises(KeyboardInterrupt):
            collection.duplicates(on_progress=interrupt)
        half = place.looked_at()
        found = collection.duplicates(on_progress=told.append)
    assert 0 < half <= place.looked_at()
    assert 6 <= told[0].done < told[0].total
    assert copies.stems(found) == copies.expected()


def test_only_what_is_new_is_looked_for_and_a_group_that_grows_keeps_its_id(
    decided: Place, tmp_path: Path
) -> None:
    late = tmp_path / "late"
    late.mkdir()
    for name in ("brighter", "darker", "posterise"):
        ALTERATIONS[name].apply(copies.original(1)).save(late / f"1-{name}.png")
    told: list[Progress] = []
    with decided.opened() as collection:
        before = copies.with_file(collection.duplicates(), "1")
        images = len(collection)
        collection.add([late])
        after = copies.with_file(collection.duplicates(on_progress=told.append), "1")
    assert told[0] == Progress(images, images + 3)
    assert after.group_id == before.group_id
    assert copies.stems([after]) == {frozenset({"1", "1-jpeg-10", "1-brighter", "1-darker", "1-posterise"})}


def test_a_group_keeps_its_id_when_its_medoid_goes(decided: Place) -> None:
    with decided.opened() as collection:
        before = copies.with_file(collection.duplicates(), "0")
        (medoid,) = before.members[0].paths
        collection.remove([medoid])
        left = {path.stem for member in before.members[1:] for path in member.paths}
        after = copies.with_file(collection.duplicates(), left.pop())
    assert after.group_id == before.group_id
    assert after.medoid != before.medoid


def test_images_that_are_no_match_are_not_grouped_again(decided: Place) -> None:
    with decided.opened() as collection:
        group = copies.with_file(collection.duplicates(), "1")
        DuplicateSearch(collection.bases).decide([member.image_id for member in group.members], "not a match")
        assert copies.stems(collection.duplicates()) == copies.expected() - {frozenset({"1", "1-jpeg-10"})}
        assert DuplicateSearch(collection.bases).forget_decisions() == 1
        assert copies.stems(collection.duplicates()) == copies.expected()


def test_one_image_of_a_group_can_be_said_to_be_no_match(decided: Place) -> None:
    with decided.opened() as collection:
        group = copies.with_file(collection.duplicates(), "0")
        odd = next(member for member in group.members if member.paths[0].stem == "0-crop-80")
        search = DuplicateSearch(collection.bases)
        assert search.decide_named(f"{group.group_id}/{odd.image_id}", "not a match", [group]) == 3
        assert frozenset({"0", "0-grey", "0-rotate-90"}) in copies.stems(collection.duplicates())
        for name in ("no-such-group", f"{group.group_id}/999", f"{group.group_id}/x"):
            with pytest.raises(NotFoundError, match="there is no"):
                search.decide_named(name, "not a match", [group])


def test_decisions_outlive_another_index_and_other_paths(place: Place) -> None:
    with place.opened() as collection:
        group = copies.with_file(collection.duplicates(), "1")
        DuplicateSearch(collection.bases).decide([member.image_id for member in group.members], "not a match")
        collection.remove([place.pictures])
        place.pictures.rename(place.pictures.with_name("elsewhere"))
        collection.add([place.pictures.with_name("elsewhere")])
        assert copies.stems(collection.duplicates()) == copies.expected() - {frozenset({"1", "1-jpeg-10"})}


def test_what_is_to_be_kept_is_shown_no_more_until_there_is_another_copy(place: Place) -> None:
    with place.opened() as collection:
        for stem in ("1", "3"):
            group = copies.with_file(collection.duplicates(), stem)
            DuplicateSearch(collection.bases).decide(
                [member.image_id for member in group.members], "keep all"
            )
        kept = {frozenset({"1", "1-jpeg-10"}), frozenset({"3", "3-again"})}
        assert copies.stems(collection.duplicates()) == copies.expected() - kept
        ALTERATIONS["grey"].apply(copies.original(1)).save(place.pictures / "1-grey.png")
        collection.add([place.pictures])
        with_new = copies.with_file(collection.duplicates(), "1-grey")
    assert copies.stems([with_new]) < {frozenset({"1", "1-grey"}), frozenset({"1-jpeg-10", "1-grey"})}


@pytest.mark.parametrize(("images", "why"), [([1], "two images"), ([], "two images")])
def test_no_match_takes_two(images: list[int], why: str, decided: Place) -> None:
    with decided.opened() as collection, pytest.raises(UsageError, match=why):
        DuplicateSearch(collection.bases).decide(images, "not a match")


def test_files_that_are_gone_are_no_copies(place: Place) -> None:
    with place.opened() as collection:
        assert copies.stems(collection.duplicates()) == copies.expected()
        (place.pictures / "3.png").unlink()
        (place.pictures / "edited" / "1-jpeg-10.png").unlink()
        gone = {frozenset({"1", "1-jpeg-10"}), frozenset({"3", "3-again"})}
        assert copies.stems(collection.duplicates()) == copies.expected() - gone


def test_a_search_can_be_about_some_files_only(seen: Place) -> None:
    with seen.opened() as collection:
        found = collection.duplicates([seen.pictures / "edited", seen.pictures / "1.png"])
        assert copies.stems(found) == {
            frozenset({"1", "1-jpeg-10"}),
            frozenset({"0-crop-80", "0-grey", "0-rotate-90"}),
            frozenset({"2-flip", "2-resize-40"}),
        }
        with pytest.raises(NotFoundError, match="nothing in the collection lies at"):
            collection.duplicates([seen.pictures / "nowhere"])


def test_copies_of_a_reference_are_grouped_around_it(seen: Place) -> None:
    with seen.opened() as collection:
        reference = seen.pictures / "edited"
        found = collection.duplicates(against=reference)
        originals = {"0", "1", "2"}
        around = copies.stems(found) - {frozenset({"3", "3-again"})}
        assert {stem for group in around for stem in group & originals} == originals
        assert all(len(group) == 2 and len({stem[0] for stem in group}) == 1 for group in around)
        for group in found:
            assert any(path.is_relative_to(reference) for path in group.members[0].paths)
            assert not any(
                path.is_relative_to(reference) for other in group.members[1:] for path in other.paths
            )
        some = collection.duplicates([seen.pictures / "1.png"], against=reference)
        assert copies.stems(some) == {frozenset({"1", "1-jpeg-10"})}


def test_similar_images_are_added_and_marked(seen: Place) -> None:
    with seen.opened() as collection:
        card = collection.embedder.card
        copied = {member.image_id for group in collection.duplicates() for member in group.members}
        found = collection.duplicates(similar=True)
        ids = [image for image, _ in collection.images()]
        parts = card.copy_part(collection.vectors(ids))
    alike = parts @ parts.T >= 1 - card.same_distance
    for group in found:
        for member in group.members[1:]:
            assert alike[ids.index(group.medoid), ids.index(member.image_id)] or member.p <= 1e-6
            assert (member.p > 1e-6) == (member.evidence is None)
    inside = {member.image_id for group in found for member in group.members}
    assert copied <= inside
    outside = [image not in inside for image in ids]
    left = alike[outside][:, outside]
    assert left.sum() == len(left)  # each is similar to itself alone


@pytest.mark.parametrize("fpr", [0, 1, -1e-6, float("nan"), "often"])
def test_a_rate_is_between_0_and_1(fpr: float, seen: Place) -> None:
    with seen.opened() as collection, pytest.raises(UsageError, match="fpr must be above 0"):
        collection.duplicates(fpr=fpr)


def test_an_empty_collection_has_none(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection, pytest.raises(NotFoundError, match="is empty"):
        collection.duplicates()


def test_a_slip_in_the_reference_folder_is_told_before_the_work(place: Place) -> None:
    with place.opened() as collection:
        heard: list[Progress] = []
        with pytest.raises(NotFoundError, match="nothing in the collection lies at"):
            collection.duplicates(against=place.pictures / "typo", on_progress=heard.append)
        assert heard == []


def test_only_the_image_that_was_named_is_protected(place: Place) -> None:
    with place.opened() as collection:
        group = copies.with_file(collection.duplicates(), "0-grey")
        search = DuplicateSearch(collection.bases)
        image = group.members[-1].image_id
        search.decide_named(f"{group.group_id}/{image}", "keep all", [group])
        protection = search.protection([group], Terms())
        protected = {
            member.image_id for member in group.members if protection.of(member.image_id, member.paths[0])
        }
        assert protected == {image}
