from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import NotFoundError
from lookalike.store import Catalog, Database, Holdings, ImageFacts, Totals
from records import ROOT, path, record, records, sha256, vector


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "catalog.sqlite", create=True)) as opened:
        yield opened


@pytest.fixture
def catalog(database: Database) -> Catalog:
    return Catalog(database)


@pytest.fixture
def holdings(database: Database) -> Holdings:
    return Holdings(database)


def described(facts: ImageFacts) -> tuple[bytes, str, int, int, tuple[Path, ...]]:
    return facts.sha256, facts.format, facts.width, facts.height, facts.paths


def test_facts_are_what_was_recorded(catalog: Catalog, holdings: Holdings) -> None:
    second = ROOT / "also.jpg"
    catalog.record([*records(range(5)), record(3, second)])
    ids = {number: holdings.image_of(sha256(number)) for number in range(5)}
    wanted = [ids[number] or 0 for number in (3, 1)]
    found = holdings.images([*wanted, 99])
    assert found.keys() == set(wanted)
    assert described(found[wanted[0]]) == (sha256(3), "JPEG", 640, 480, (path(3), second))
    assert described(holdings.image(wanted[1])) == (sha256(1), "JPEG", 640, 480, (path(1),))
    np.testing.assert_array_equal(found[wanted[0]].vector, vector(3))
    assert holdings.images([]) == {}
    assert holdings.image_of(sha256(7)) is None
    with pytest.raises(NotFoundError, match="no image 99"):
        holdings.image(99)


def test_a_forgotten_image_is_gone_with_all_its_files(catalog: Catalog, holdings: Holdings) -> None:
    catalog.record([*records(range(3)), record(1, ROOT / "a.jpg")])
    image_id = holdings.image_of(sha256(1))
    assert image_id is not None
    revision = catalog.revision()
    assert catalog.forget_image(image_id) == [path(1), ROOT / "a.jpg"]
    assert catalog.revision() == revision + 1
    assert [place for place, _ in catalog.files()] == [path(0), path(2)]
    assert holdings.images([image_id]) == {}
    assert catalog.forget_image(image_id) == []
    assert catalog.problems() == []


def test_folders_hold_what_lies_in_and_below_them(catalog: Catalog, holdings: Holdings) -> None:
    places = ["/a/1.jpg", "/a/b/2.jpg", "/a/b/c/3.jpg", "/ab/4.jpg", "/a-b/5.jpg", "/a0/6.jpg", "/é/%/_.jpg"]
    catalog.record([record(number, Path(place)) for number, place in enumerate(places)])
    catalog.record([record(0, Path("/ab/again.jpg"))])

    def below(folder: str) -> set[int]:
        return {
            number for number in range(7) if holdings.image_of(sha256(number)) in holdings.below(Path(folder))
        }

    assert below("/a") == {0, 1, 2}
    assert below("/a/b") == {1, 2}
    assert below("/a/b/c/3.jpg") == {2}
    assert below("/ab") == {0, 3}
    assert below("/") == set(range(7))
    assert below("/é/%") == {6}
    assert below("/é/_") == below("/nowhere") == below("/A") == set()
    assert holdings.below(Path("/ab")).tolist() == sorted(holdings.below(Path("/ab")).tolist())


def test_totals(catalog: Catalog, holdings: Holdings) -> None:
    assert holdings.totals() == Totals(0, 0, {})
    catalog.record([*records(range(3)), record(1, ROOT / "a.jpg")])
    assert holdings.totals() == Totals(3, 4, {ROOT: 4})
