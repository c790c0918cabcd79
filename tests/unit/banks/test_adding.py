"""What lies in banks after additions and removals, and what the collection had before."""

from __future__ import annotations

import hashlib
import io
import shutil
from pathlib import Path

import pytest

from lookalike import Collection
from lookalike.banks import Banks
from lookalike.errors import NotFoundError, UsageError
from pictures import draw


def values(banks: Banks, name: str) -> list[tuple[str, str]]:
    return [(one.entry.kind, one.entry.value.hex()) for one in banks.entries(name)]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_adding_tells_what_the_collection_had(collection: Collection, banks: Banks, folder: Path) -> None:
    first, second, third, *_ = sorted(folder.iterdir())
    collection.add([first, second])
    again = folder / f"again{first.suffix}"
    shutil.copy(first, again)
    banks.create("known")
    added, report = banks.add("known", [again, third])
    assert (report.added, report.linked) == (1, 1)
    assert [(one.value, one.known) for one in added] == [(sha256(first), True), (sha256(third), False)]
    assert [one.path for one in added] == [again, third]
    assert added[0].had[0].verdict == "identical"
    assert set(added[0].had[0].paths) == {first, again}
    # What was added just now is not among what was there before.
    assert {path for match in added[1].had for path in match.paths} <= {first, again, second}
    assert values(banks, "known") == [("picture", sha256(first)), ("picture", sha256(third))]
    assert len(collection) == 3


def test_uploads_are_kept_and_tell_it_too(collection: Collection, banks: Banks, folder: Path) -> None:
    first = min(folder.iterdir())
    collection.add([first])
    banks.create("known")
    file = io.BytesIO()
    draw(77).save(file, "PNG")
    from lookalike.banks.adding import Labels
    from lookalike.banks.results import Added

    pictures = [first.read_bytes(), b"no picture", file.getvalue()]
    one, refused, new = banks.adding.uploads(banks.named("known"), pictures, Labels("n", ["t"]))
    assert isinstance(one, Added)
    assert isinstance(new, Added)
    assert (one.known, new.known) == (True, False)
    assert not isinstance(refused, Added)
    assert "not a JPEG" in refused.reason
    assert [value for _, value in values(banks, "known")] == [
        hashlib.sha256(pictures[0]).hexdigest(), hashlib.sha256(pictures[2]).hexdigest(),
    ]  # fmt: skip
    assert len(collection) == 2


def test_hashes_tell_what_can_be_told(collection: Collection, banks: Banks, folder: Path) -> None:
    first = min(folder.iterdir())
    collection.add([first])
    banks.create("known")
    added = banks.add_hashes(
        "known", [f"sha256:{sha256(first)}", "SHA256:" + 64 * "0", "pdq:" + 64 * "0", "md5:" + 32 * "0"]
    )
    assert [(one.kind, one.known, len(one.had)) for one in added] == [
        ("sha256", True, 1), ("sha256", False, 0), ("pdq", None, 0), ("md5", None, 0),
    ]  # fmt: skip
    assert added[0].had[0].paths == (first,)


def test_a_picture_may_lie_in_any_number_of_banks(banks: Banks, folder: Path) -> None:
    for name in ("a", "b"):
        banks.create(name)
        banks.add(name, [folder])
    assert values(banks, "a") == values(banks, "b")
    assert len(values(banks, "a")) == 6
    assert banks.remove("a", paths=[folder]) == 6
    assert values(banks, "a") == []
    assert len(values(banks, "b")) == 6
    picture = values(banks, "b")[0][1]
    assert banks.remove("b", hashes=[f"picture:{picture}"]) == 1


def test_a_picture_that_left_the_collection_is_known_by_its_bytes(
    collection: Collection, banks: Banks, folder: Path
) -> None:
    banks.create("known")
    banks.add("known", [folder])
    first = min(folder.iterdir())
    collection.remove([folder])
    assert len(collection) == 0
    (result,) = banks.check(first).results
    assert [(one.kind, one.verdict, one.match) for one in result.matches] == [("picture", "identical", None)]


def test_what_is_refused_changes_nothing(collection: Collection, banks: Banks, folder: Path) -> None:
    banks.create("known")
    with pytest.raises(UsageError, match="a tag is a word"):
        banks.add("known", [folder], tags=["two words"])
    with pytest.raises(UsageError, match="a note is one line"):
        banks.add("known", [folder], note="a\nb")
    assert len(collection) == 0
    with pytest.raises(UsageError, match="32 hexadecimal digits"):
        banks.add_hashes("known", ["pdq:" + 64 * "0", "md5:00"])
    with pytest.raises(UsageError, match="KIND:HEX"):
        banks.add_hashes("known", ["00"])
    (folder / "empty").mkdir()
    with pytest.raises(NotFoundError, match="no picture at"):
        banks.add("known", [folder / "empty"])
    with pytest.raises(NotFoundError, match="has nothing of that"):
        banks.remove("known", paths=[folder])
    assert values(banks, "known") == []


@pytest.mark.parametrize("name", ["", "a/b", ".", "..", "-a", " a", "a ", "a\nb", "x" * 101, "a\0", "a?b"])
def test_a_name_that_no_address_could_hold_is_refused(banks: Banks, name: str) -> None:
    with pytest.raises(UsageError, match="the name of a bank is"):
        banks.create(name)


@pytest.mark.parametrize("name", ["a", "Öffentlich 2", "a.b-c_d", "x" * 100])
def test_other_names_are_taken(banks: Banks, name: str) -> None:
    assert banks.create(name) == banks.named(name)


def test_settings_that_make_no_sense_are_refused(banks: Banks) -> None:
    with pytest.raises(UsageError, match="fpr must be above 0"):
        banks.create("a", fpr=0)
    with pytest.raises(UsageError, match="the rule of a bank is copies or similar"):
        banks.create("a", rule="all")  # type: ignore[arg-type]
    assert banks.all() == []


def test_a_list_is_imported_whole_or_not_at_all(banks: Banks) -> None:
    banks.create("known")
    lines = [f"pdq {number:064x}\n" for number in range(1000)]
    assert banks.import_list("known", io.BytesIO("".join(lines).encode()), "lines") == (1000, 1000, 0)
    bad = [f"pdq {number:064x}\n" for number in range(2000)]
    bad[1998] = "pdq 12\n"
    with pytest.raises(UsageError, match="line 1,999: "):
        banks.import_list("known", io.BytesIO("".join(bad).encode()), "lines")
    assert len(values(banks, "known")) == 1000
    exported = "".join(banks.export("known", "lines"))
    assert exported == "".join(lines)
    assert banks.import_list("known", io.BytesIO(exported.encode()), "lines") == (1000, 0, 0)
