"""What is kept of checks, and what decisions make of the next one."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image

from lookalike import Collection, Settings
from lookalike.banks import Banks, CheckAnswer
from lookalike.banks.many import check_files
from lookalike.errors import NotFoundError, UsageError
from lookalike.review import Review
from lookalike.store import problems_in
from pictures import draw, write


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write(tmp_path_factory.mktemp("known"), 6)


@pytest.fixture(scope="module")
def gallery(known: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """A collection by the bundled model; each test makes banks of its own in it, and deletes them."""
    folder = tmp_path_factory.mktemp("gallery")
    with Collection.open(folder, create=True, settings=Settings(threads=2)) as collection:
        collection.add(known)
        yield collection


@pytest.fixture
def banks(gallery: Collection, known: Sequence[Path]) -> Iterator[Banks]:
    """One bank, ``stolen``, with the first four pictures."""
    banks = Banks(gallery)
    banks.create("stolen", fpr=1e-5)
    banks.add("stolen", known[:4], note="of May", tags=["b", "a"])
    yield banks
    for bank in banks.all():
        banks.delete(bank.name)


@pytest.fixture
def review(gallery: Collection) -> Review:
    return Review(gallery)


@pytest.fixture
def copy(known: Sequence[Path]) -> bytes:
    """An edited copy of the first picture of the bank."""
    file = io.BytesIO()
    picture = Image.open(known[0]).convert("RGB")
    picture.crop((4, 3, picture.width - 5, picture.height - 4)).save(file, "JPEG", quality=80)
    return file.getvalue()


def decisions(answer: CheckAnswer) -> list[tuple[str, str | None]]:
    return [(match.verdict, match.decision) for result in answer.results for match in result.matches]


def test_only_what_is_reported_is_kept_and_little_of_it(
    banks: Banks, review: Review, copy: bytes, known: Sequence[Path]
) -> None:
    assert banks.check(copy).cases == ()
    assert review.check(known[5].read_bytes(), "other.png").cases == ()
    assert review.counts() == {}
    (case_id,) = review.check(copy, "a\nb.jpg").cases
    (case,) = review.cases("waiting")
    facts = case.facts()
    assert facts["case_id"] == case_id
    assert (facts["name"], facts["sha256"]) == (r"a\nb.jpg", hashlib.sha256(copy).hexdigest())
    assert (facts["bank"], facts["fpr"], facts["verdict"]) == ("stolen", 1e-5, "copy")
    assert (facts["note"], facts["tags"], facts["kind"]) == ("of May", ["a", "b"], "picture")
    assert facts["value"] == hashlib.sha256(known[0].read_bytes()).hexdigest()
    assert facts["paths"] == [str(known[0])]
    assert facts["model"] == banks.checking._collection.embedder.fingerprint
    assert facts["evidence"]["verified"]
    assert facts["evidence"]["matrix"] is not None
    with Image.open(io.BytesIO(review.picture(case_id))) as small, Image.open(io.BytesIO(copy)) as whole:
        assert small.format == "JPEG"
        assert small.size == whole.size  # which is smaller than 256 pixels a side
    assert review.case(*review.check(known[3].read_bytes()).cases).row.name == "a picture without a name"
    big = io.BytesIO()
    draw(1, 900, 600).save(big, "PNG")
    banks.add_hashes("stolen", ["sha256:" + hashlib.sha256(big.getvalue()).hexdigest()])
    for one in review.check(big.getvalue(), "big.png").cases:
        with Image.open(io.BytesIO(review.picture(one))) as small:
            assert small.size == (256, 171)


def test_no_match_is_neither_reported_nor_queued_again(banks: Banks, review: Review, copy: bytes) -> None:
    (case_id,) = review.check(copy, "copy.jpg").cases
    assert review.check(copy, "again.jpg").cases == (case_id,)
    decided = review.decide(case_id, "not a match", " ada ").facts()
    assert (decided["who"], decided["decision"], decided["state"]) == ("ada", "not a match", "not a match")
    answer = review.check(copy, "copy.jpg")
    assert (answer.reported, answer.cases) == (False, ())
    (result,) = answer.results
    assert (result.verdict, result.matches, result.dismissed) == ("different", (), 1)
    assert review.counts() == {"not a match": 1}
    # The decision is about these bytes in this bank, and about no others.
    other = io.BytesIO()
    with Image.open(io.BytesIO(copy)) as picture:
        picture.save(other, "PNG")
    assert review.check(other.getvalue(), "other.png").reported
    banks.create("second")
    banks.add("second", decided["paths"])
    reported = {result.bank: result.reported for result in banks.check(copy).results}
    assert reported == {"second": True, "stolen": False}
    review.decide(case_id, "confirmed", "ada", replaces=review.case(case_id).row.logged)
    assert {result.bank: result.reported for result in banks.check(copy).results}["stolen"]


@pytest.mark.parametrize(("decision", "queued"), [("confirmed", False), ("unsure", True)])
def test_what_was_decided_is_said_of_the_next_match(
    banks: Banks, review: Review, copy: bytes, decision: str, queued: bool
) -> None:
    (case_id,) = review.check(copy, "copy.jpg").cases
    review.decide(case_id, decision, "ada")  # type: ignore[arg-type]
    answer = review.check(copy, "copy.jpg")
    assert answer.reported
    assert decisions(answer) == [("copy", decision)]
    assert answer.facts()["results"][0]["matches"][0]["decision"] == decision
    assert answer.cases == ((case_id,) if queued else ())
    assert review.counts() == {decision: 1}


def test_a_decision_outlives_the_entry_and_comes_back_with_it(
    banks: Banks, review: Review, copy: bytes, known: Sequence[Path]
) -> None:
    (case_id,) = review.check(copy, "copy.jpg").cases
    banks.remove("stolen", paths=[known[0]])
    assert review.case(case_id).facts()["state"] == "gone"
    assert review.cases("waiting") == []
    review.decide(case_id, "not a match", "ada")  # on a page that was loaded before
    banks.add("stolen", [known[0]])
    assert not banks.check(copy).reported
    assert review.case(case_id).row.entry_id is not None


def test_hashes_have_no_picture_and_their_matches_wait_all_the_same(
    banks: Banks, review: Review, known: Sequence[Path]
) -> None:
    data = known[5].read_bytes()
    hashes = ["md5:" + hashlib.md5(data).hexdigest(), "sha256:" + hashlib.sha256(data).hexdigest()]
    banks.add_hashes("stolen", hashes, note="of a list")
    cases = [review.case(case_id).facts() for case_id in review.check(data, "five.png").cases]
    assert {f"{case['kind']}:{case['value']}" for case in cases} == set(hashes)
    for case in cases:
        assert (case["verdict"], case["p"], case["evidence"]) == ("identical", 0.0, None)
        assert (case["image_id"], case["paths"], case["note"]) == (None, [], "of a list")


def test_what_a_negative_bank_clears_does_not_wait(
    banks: Banks, review: Review, copy: bytes, known: Sequence[Path]
) -> None:
    banks.create("harmless", negative=True)
    banks.add("harmless", [known[0]])
    assert review.check(copy, "copy.jpg").cases == ()
    banks.enable("harmless", enabled=False)
    assert len(review.check(copy, "copy.jpg").cases) == 1


def test_many_files_are_kept_under_their_paths(
    banks: Banks, review: Review, gallery: Collection, known: Sequence[Path]
) -> None:
    found = {
        checked.path: checked.answer.cases
        for checked in check_files(known, banks.checking, gallery, lambda path: review.keeping(str(path)))
        if checked.answer
    }
    assert {path: len(cases) for path, cases in found.items()} == {
        path: int(path in known[:4]) for path in known
    }
    assert {case.row.name for case in review.cases()} == set(map(str, known[:4]))


def test_the_log_says_who_decided_what_when_and_by_what(
    banks: Banks, review: Review, copy: bytes, gallery: Collection
) -> None:
    start = review.log.last()
    (case_id,) = review.check(copy, "secret name.jpg").cases
    review.decide(case_id, "unsure", "ada")
    review.decide(case_id, "confirmed", "bob", replaces=review.case(case_id).row.logged)
    review.purge("bob")
    lines = [json.loads(entry.line) for entry in review.log.entries()]
    own = [line for line in lines if start is None or line["number"] > start.number]
    assert [(line["who"], line["what"]) for line in own] == [
        ("ada", "unsure"), ("bob", "confirmed"), ("bob", "purge"),
    ]  # fmt: skip
    assert own[0]["picture"] == hashlib.sha256(copy).hexdigest()
    assert own[0]["bank"] == "stolen"
    assert (own[0]["fpr"], own[0]["model"]) == (1e-5, gallery.embedder.fingerprint)
    assert own[0]["p"] == review.case(case_id).facts()["p"]
    assert "secret" not in json.dumps(lines)  # so that a purge deletes it everywhere
    assert review.case(case_id).facts()["name"] == ""
    with pytest.raises(NotFoundError):
        review.picture(case_id)
    assert review.log.broken() is None
    assert problems_in(gallery.bases.database) == []


def test_what_makes_no_sense_is_refused(banks: Banks, review: Review, copy: bytes) -> None:
    (case_id,) = review.check(copy, "copy.jpg").cases
    for who in ("", "  ", "a" * 101, "a\nb"):
        with pytest.raises(UsageError, match="say who decides"):
            review.decide(case_id, "confirmed", who)
    with pytest.raises(UsageError, match="a decision is"):
        review.decide(case_id, "maybe", "ada")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="a case is"):
        review.cases("maybe")  # type: ignore[arg-type]
    with pytest.raises(NotFoundError, match="no bank"):
        review.cases(bank="none")
    with pytest.raises(UsageError, match="a picture in memory"), Image.open(io.BytesIO(copy)) as picture:
        review.check(picture.convert("RGB"))
    assert review.counts() == {"waiting": 1}
