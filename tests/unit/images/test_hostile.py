"""The whole corpus through scan, read and decode: each file ends the way it must, on any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import hostile
from lookalike.errors import ImageError
from lookalike.images import FoundFile, Limits, RejectedFile, decode, read_file, scan


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[hostile.Case]:
    return hostile.build(tmp_path_factory.mktemp("corpus"))


def _reason(found: FoundFile | RejectedFile) -> str | None:
    """Why the file was refused, or ``None`` if it became an RGB image."""
    if isinstance(found, RejectedFile):
        return found.reason
    try:
        image = decode(read_file(found.path, Limits())).image
    except ImageError as error:
        return str(error)
    assert image.mode == "RGB"
    return None


def _surprises(cases: list[hostile.Case], reasons: dict[Path, str | None]) -> list[tuple[str, str | None]]:
    return [
        (case.path.name, reasons[case.path])
        for case in cases
        if (case.refused is None) != (reasons[case.path] is None)
        or (case.refused is not None and case.refused not in (reasons[case.path] or ""))
    ]


def test_every_file_of_the_corpus_ends_the_way_it_must(corpus: list[hostile.Case]) -> None:
    reasons = {found.path: _reason(found) for found in scan([corpus[0].path.parent])}
    assert set(reasons) == {case.path for case in corpus}
    assert _surprises(corpus, reasons) == []


def test_every_reason_is_one_short_line(corpus: list[hostile.Case]) -> None:
    reasons = [reason for found in scan([corpus[0].path.parent]) if (reason := _reason(found))]
    assert len(reasons) > 20
    assert [reason for reason in reasons if not reason.isprintable() or not 8 < len(reason) < 180] == []


def test_files_that_are_named_one_by_one_end_the_same_way(corpus: list[hostile.Case]) -> None:
    reasons = {found.path: _reason(found) for found in scan([case.path for case in corpus])}
    assert _surprises(corpus, reasons) == []


def test_eight_threads_agree_with_one(corpus: list[hostile.Case]) -> None:
    found = list(scan([corpus[0].path.parent])) * 3
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(_reason, found)) == [_reason(file) for file in found]
