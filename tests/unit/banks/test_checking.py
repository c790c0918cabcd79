"""What banks say of pictures, against what the same pictures are by construction."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pdqhash
import pytest
from PIL import Image

from lookalike import Collection, Hasher, Settings
from lookalike.banks import Banks, CheckAnswer
from lookalike.banks.hashes import chance
from lookalike.banks.pdq import pdq_of
from lookalike.errors import NotFoundError, UnreadableImage, UsageError
from pictures import draw, write

COUNT = 12


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write(tmp_path_factory.mktemp("known"), COUNT)


@pytest.fixture(scope="module")
def gallery(known: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """A collection by the bundled model; each test makes banks of its own in it, and deletes them."""
    folder = tmp_path_factory.mktemp("gallery")
    with Collection.open(folder, create=True, settings=Settings(threads=2)) as collection:
        collection.add(known)
        yield collection


@pytest.fixture
def checked(gallery: Collection) -> Iterator[Banks]:
    banks = Banks(gallery)
    yield banks
    for bank in banks.all():
        banks.delete(bank.name)


def encoded(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def cropped(seed: int) -> bytes:
    """An edited copy of a picture of ``pictures``: cropped and coarsely saved."""
    return encoded(draw(seed).crop((6, 4, 92, 70)), quality=70)


def verdicts(answer: CheckAnswer) -> Mapping[str, tuple[str, bool]]:
    return {result.bank: (result.verdict, result.reported) for result in answer.results}


def test_each_bank_answers_for_its_own_pictures(checked: Banks, known: Sequence[Path]) -> None:
    checked.create("one")
    checked.create("two", fpr=1e-4)
    checked.add("one", known[:3], note="of one", tags=["b", "a"])
    checked.add("two", known[2:5])
    answer = checked.check(cropped(0))
    assert verdicts(answer) == {"one": ("copy", True), "two": ("different", False)}
    one, two = answer.results
    assert (one.images, one.fpr, one.expected_false) == (3, 1e-6, pytest.approx(3e-6))
    assert (two.images, two.fpr, two.expected_false) == (3, 1e-4, pytest.approx(3e-4))
    (match,) = one.matches
    assert (match.kind, match.note, match.tags) == ("picture", "of one", ("a", "b"))
    assert match.value == hashlib.sha256(known[0].read_bytes()).hexdigest()
    assert match.match is not None
    assert match.match.paths == (known[0],)
    assert match.match.evidence is not None
    assert match.match.evidence.verified
    assert one.p == match.p == match.match.p <= 1e-6
    # The chance that any picture of the bank, not of the collection, looks so alike.
    assert match.match.p_search == pytest.approx(3 * match.p, rel=1e-3)
    assert verdicts(checked.check(known[2])) == {"one": ("identical", True), "two": ("identical", True)}
    assert verdicts(checked.check(known[5])) == {"one": ("different", False), "two": ("different", False)}


def test_the_verdicts_are_those_of_a_search(checked: Banks, gallery: Collection, known: list[Path]) -> None:
    checked.create("all", fpr=1e-5)
    checked.add("all", known)
    query = cropped(3)
    found = gallery.search(query, fpr=1e-5, verdicts={"identical", "copy"})
    (result,) = checked.check(query).results
    assert [match.match for match in result.matches] == found
    assert found


def test_only_a_bank_of_that_rule_reports_what_is_similar(checked: Banks, known: list[Path]) -> None:
    # Other drawings of the same kinds: some of them look alike to the model.
    checked.create("copies")
    checked.create("similar", rule="similar")
    for bank in ("copies", "similar"):
        checked.add(bank, known)
    for seed in range(COUNT, COUNT + 30):
        similar = [m for m in checked.check(draw(seed)).results[1].matches if m.verdict == "similar"]
        if similar:
            break
    answer = checked.check(draw(seed))
    assert similar
    assert verdicts(answer) == {"copies": ("different", False), "similar": ("similar", True)}
    checked.change("copies", rule="similar")
    checked.change("similar", rule="copies")
    answer = checked.check(draw(seed))
    assert verdicts(answer) == {"copies": ("similar", True), "similar": ("different", False)}


def test_a_negative_bank_clears_what_it_knows_as_surely(checked: Banks, known: list[Path]) -> None:
    checked.create("bad")
    checked.add("bad", [known[0]])
    checked.create("harmless", negative=True)
    copy = cropped(0)
    assert verdicts(checked.check(copy)) == {"bad": ("copy", True), "harmless": ("different", False)}
    checked.add("harmless", [known[0]])
    answer = checked.check(copy)
    assert verdicts(answer) == {"bad": ("copy", False), "harmless": ("copy", False)}
    assert answer.results[0].cleared_by == ("harmless",)
    assert not answer.reported
    # The very bytes are known to be bad, and the negative bank knows a copy of them only.
    checked.add_hashes("bad", [f"sha256:{hashlib.sha256(copy).hexdigest()}"])
    answer = checked.check(copy)
    assert verdicts(answer) == {"bad": ("identical", True), "harmless": ("copy", False)}
    checked.add_hashes("harmless", [f"md5:{hashlib.md5(copy).hexdigest()}"])
    assert not checked.check(copy).reported
    checked.enable("harmless", enabled=False)
    assert verdicts(checked.check(copy)) == {"bad": ("identical", True)}


def test_hashes_of_bytes_match_the_same_bytes_alone(checked: Banks) -> None:
    data = encoded(draw(40))
    checked.create("hashes")
    checked.add_hashes("hashes", [f"sha256:{hashlib.sha256(data).hexdigest()}"], note="a")
    checked.add_hashes("hashes", [f"md5:{hashlib.md5(data).hexdigest()}"], note="b")
    (result,) = checked.check(data).results
    assert [(one.kind, one.verdict, one.p, one.differing) for one in result.matches] == [
        ("sha256", "identical", 0.0, None), ("md5", "identical", 0.0, None),
    ]  # fmt: skip
    assert not checked.check(data + b"\0").reported
    assert not checked.check(draw(40)).reported


def flip(value: bytes, count: int) -> bytes:
    bits = np.unpackbits(np.frombuffer(value, np.uint8))
    bits[np.random.default_rng(count).choice(256, count, replace=False)] ^= 1
    return np.packbits(bits).tobytes()


@pytest.mark.parametrize(("flips", "found"), [(0, True), (20, True), (31, True), (32, False)])
def test_pdq_hashes_match_within_31_bits(checked: Banks, flips: int, found: bool) -> None:
    image = draw(41, 640, 480)
    bits, quality = pdqhash.compute(np.asarray(image))
    assert quality >= 50
    value = flip(np.packbits(bits.astype(bool)).tobytes(), flips)
    checked.create("pdq")
    checked.add_hashes("pdq", [f"pdq:{value.hex()}"])
    (result,) = checked.check(image).results
    assert result.reported == found
    if found:
        (match,) = result.matches
        assert (match.kind, match.verdict, match.differing) == ("pdq", "copy", flips)
        assert match.p == chance("pdq", flips) <= 1e-6


def test_a_stricter_rate_takes_fewer_bits(checked: Banks) -> None:
    image = draw(41, 640, 480)
    value = pdq_of(image).value
    checked.create("strict", fpr=2e-7)
    checked.create("both", fpr=2e-7, rule="similar")
    for bank in ("strict", "both"):
        checked.add_hashes(bank, [f"pdq:{flip(value, 20).hex()}"])
    assert verdicts(checked.check(image)) == {"strict": ("different", False), "both": ("similar", True)}
    checked.change("strict", fpr=1e-6)
    assert verdicts(checked.check(image)) == {"strict": ("copy", True), "both": ("similar", True)}
    checked.add_hashes("strict", [f"pdq:{flip(value, 10).hex()}"])
    assert verdicts(checked.check(image))["strict"] == ("copy", True)


def test_a_picture_without_edges_has_no_pdq_hash(checked: Banks) -> None:
    blank = Image.new("RGB", (300, 200), "white")
    found = pdq_of(blank)
    assert found.quality < 50
    checked.create("pdq")
    checked.add_hashes("pdq", [f"pdq:{found.value.hex()}"])
    assert not checked.check(blank).reported


def test_our_own_hashes_match(checked: Banks, gallery: Collection) -> None:
    image = draw(42)
    value = bytes.fromhex(Hasher(gallery.embedder).hash(image))
    checked.create("own")
    checked.add_hashes("own", [f"lookalike:{flip(value, 9).hex()}"])
    (result,) = checked.check(image).results
    assert [(one.kind, one.differing, one.verdict) for one in result.matches] == [("lookalike", 9, "copy")]
    assert not checked.check(draw(43)).reported


def test_changes_hold_from_the_next_check_on_in_other_processes_too(
    checked: Banks, gallery: Collection, known: list[Path], tmp_path: Path
) -> None:
    image = draw(44, 640, 480)
    value = pdq_of(image).value.hex()
    checked.create("bank")
    assert not checked.check(image).reported
    with Collection.open(gallery.bases.folder, settings=gallery.settings) as second:
        other = Banks(second)
        other.add_hashes("bank", [f"pdq:{value}"])
        assert checked.check(image).reported
        other.remove("bank", [f"pdq:{value}"])
        assert not checked.check(image).reported
        other.add("bank", [known[0]])
        assert checked.check(known[0]).reported
        other.remove("bank", paths=[known[0]])
        assert not checked.check(known[0]).reported
        other.add_hashes("bank", [f"pdq:{value}"])
        other.enable("bank", enabled=False)
        with pytest.raises(
            UsageError, match="no bank is enabled, of 'bank'; enable one with: lookalike bank e"
        ):
            checked.check(image)
        other.enable("bank")
        assert checked.check(image).reported
        other.delete("bank")
        other.create("bank")
        assert not checked.check(image).reported


def test_without_the_package_pdq_is_passed_over_and_all_else_compared(
    checked: Banks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pdqhash", None)
    checked.create("bank")
    data = encoded(draw(1))
    checked.add_hashes("bank", ["md5:" + hashlib.md5(data, usedforsecurity=False).hexdigest()])
    assert (checked.check(data).reported, checked.check(data).remark) == (True, "")
    checked.add_hashes("bank", ["pdq:" + 64 * "0"])
    answer = checked.check(data)
    assert answer.reported
    assert answer.remark.startswith("1 PDQ hash is not compared, for want of the package pdqhash")
    checked.add_hashes("bank", ["pdq:" + 64 * "1"])
    assert checked.check(draw(2)).remark.startswith("2 PDQ hashes are not compared")
    checked.create("other")
    checked.add_hashes("other", ["md5:" + 32 * "0"])
    checked.enable("bank", enabled=False)
    assert checked.check(data).remark == ""


def test_an_answer_tells_of_pictures_that_the_collection_has_forgotten(
    banks: Banks, collection: Collection, folder: Path
) -> None:
    banks.create("known")
    banks.create("harmless", negative=True)
    banks.add("known", [folder])
    assert banks.check(draw(50)).remark == ""
    collection.remove([folder / "picture-0000.png"])
    said = "1 known picture is compared by the same bytes alone, since the collection has forgotten it"
    assert banks.check(draw(50)).remark == f"{said}: index it again"
    collection.remove([folder / "picture-0001.jpg"])
    assert banks.check(draw(50)).remark.startswith("2 known pictures are compared by the same bytes alone")
    collection.add([folder])
    assert banks.check(draw(50)).remark == ""


def test_an_answer_tells_that_nothing_was_compared(banks: Banks, folder: Path) -> None:
    said = "nothing to compare with: every enabled bank is empty or negative"
    banks.create("empty")
    assert (banks.check(draw(1)).reported, banks.check(draw(1)).remark) == (False, said)
    banks.create("harmless", negative=True)
    banks.add("harmless", [folder])  # it reports nothing
    assert banks.check(draw(1)).remark == said
    banks.add_hashes("empty", ["md5:" + 32 * "0"])
    assert banks.check(draw(1)).remark == ""


def test_what_cannot_be_read_is_no_verdict(checked: Banks) -> None:
    checked.create("bank")
    with pytest.raises(UnreadableImage):
        checked.check(b"no picture")


def test_a_collection_without_pictures_can_have_banks(banks: Banks) -> None:
    with pytest.raises(UsageError, match="no bank is enabled; make one with: lookalike bank create NAME"):
        banks.check(draw(1))
    banks.create("hashes")
    data = encoded(draw(1))
    banks.add_hashes("hashes", [f"sha256:{hashlib.sha256(data).hexdigest()}"])
    assert verdicts(banks.check(data)) == {"hashes": ("identical", True)}
    with pytest.raises(NotFoundError, match="no bank 'other'"):
        banks.add_hashes("other", [f"sha256:{hashlib.sha256(data).hexdigest()}"])


def test_of_an_animation_one_frame_is_compared_and_it_is_the_one_of_a_search(
    checked: Banks, gallery: Collection, known: list[Path]
) -> None:
    checked.create("known")
    checked.add("known", [known[3]])
    found = {}
    for name, first in (("begins plain", Image.new("RGB", (96, 72))), ("begins with another", draw(40))):
        data = encoded(first, "PNG", save_all=True, append_images=[draw(3)], duration=100)
        answer = checked.check(data)
        assert answer.remark == "one of its several frames or pages was looked at"
        best = gallery.search(data, k=1)[0]
        assert answer.reported == (best.verdict == "copy" and best.path == known[3])
        found[name] = answer.reported
    assert found == {"begins plain": True, "begins with another": False}
