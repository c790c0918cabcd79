"""What ``lookalike.index`` makes public, how it shows itself, and what it says to wrong types."""

from __future__ import annotations

import inspect
import re
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import lookalike.index
from lookalike.errors import UsageError
from lookalike.index import ExactIndex, LSHIndex

PUBLIC = lookalike.index.__all__
# names of numpy and of Python
ELSEWHERE = {"Any", "ArrayLike", "NDArray", "Ids", "Vectors", "None", "PathLike", "Self", "ForwardRef"}
PASSED_ON = {"Unpack", "Settings"}  # the keyword arguments of LSHIndex


def test_the_list_names_everything_that_is_there() -> None:
    there = {
        name
        for name, value in vars(lookalike.index).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert there == set(PUBLIC)
    assert len(PUBLIC) == len(set(PUBLIC))
    names: dict[str, object] = {}
    exec("from lookalike.index import *", names)
    assert set(PUBLIC) <= names.keys()


@pytest.mark.parametrize("name", ["Classifier", "ExactIndex", "Index", "LSHIndex", "Neighbors", "Ranges"])
def test_every_type_of_ours_in_a_public_signature_is_public(name: str) -> None:
    kind = getattr(lookalike.index, name)
    members = [of for key, of in inspect.getmembers(kind) if not key.startswith("_") or key == "__init__"]
    annotated = [getattr(of, "fget", None) or getattr(of, "__func__", of) for of in members]
    fields = [kind] if issubclass(kind, tuple) else []
    texts = [
        str(text) for of in (*fields, *annotated) for text in getattr(of, "__annotations__", {}).values()
    ]
    assert len(texts) > 3
    named = {found for text in texts for found in re.findall(r"\b[A-Z]\w+\b", text)}
    assert named - ELSEWHERE - PASSED_ON <= set(PUBLIC)


def test_an_index_shows_what_it_is() -> None:
    index = LSHIndex(3, metric="minkowski:2.5")
    assert repr(index) == "<LSHIndex: 0 rows of 3 numbers, minkowski:2.5, no tables: every search is a scan>"
    hashed = LSHIndex(2, tables=2, bits=11)
    hashed.add(range(1020), np.random.default_rng(0).standard_normal((1020, 2)))
    hashed.settle()
    shown = "rows of 2 numbers, cosine, 2 tables of 2,048 buckets"
    assert repr(hashed) == f"<LSHIndex: 1,020 {shown}>"
    hashed.remove([5, 7])
    assert repr(hashed) == f"<LSHIndex: 1,018 {shown}, 2 changes since they were filled>"
    assert repr(ExactIndex(7)) == "<ExactIndex: 0 rows of 7 numbers, cosine>"


@pytest.mark.parametrize(("cells", "said"), [(1, "1 cell"), (20, "20 cells")])
def test_an_index_says_how_many_cells_it_has(cells: int, said: str) -> None:
    index = LSHIndex(2, cells=cells)
    index.add(range(1020), np.random.default_rng(0).standard_normal((1020, 2)))
    index.settle()
    assert repr(index) == f"<LSHIndex: 1,020 rows of 2 numbers, cosine, {said}>"


def test_an_unknown_setting_is_named_with_those_there_are() -> None:
    unknown: dict[str, Any] = {"metrc": "cosine"}
    with pytest.raises(
        UsageError, match="no setting 'metrc'; its settings are metric, tables, bits, cells, seed"
    ):
        LSHIndex.build([1], np.ones((1, 2), np.float32), **unknown)


@pytest.mark.parametrize("vectors", [None, "ab", [[1.0, 2.0]], 3, b"xy"])
def test_rows_that_are_no_array_are_refused(vectors: Any) -> None:
    with pytest.raises(UsageError, match=r"vectors must be an array of shape \(n, dim\), not"):
        LSHIndex.build([1], vectors)


@pytest.mark.parametrize("wrong", ["ab", b"xy", object(), {"a": 1}, 1j])
def test_values_of_wrong_types_are_refused(wrong: Any) -> None:
    index = LSHIndex(2)
    index.add([1], [[1, 2]])
    for call in (
        lambda: index.add(wrong, [[3, 4]]),
        lambda: index.add([2], wrong),
        lambda: index.remove(wrong),
        lambda: index.search(wrong, 1),
        lambda: index.search([1, 2], wrong),
        lambda: index.search([1, 2], 1, among=wrong),
        lambda: index.search([1, 2], 1, recall=wrong),
        lambda: index.search([1, 2], 1, probes=wrong),
        lambda: index.search([1, 2], 1, metric=wrong),
        lambda: index.within([1, 2], wrong),
        lambda: LSHIndex(wrong),
        lambda: LSHIndex(2, metric=wrong),
        lambda: LSHIndex(2, tables=wrong),
        lambda: LSHIndex(2, planes=wrong),
        lambda: ExactIndex(wrong),
    ):
        with pytest.raises(UsageError):
            call()
    assert index.ids().tolist() == [1]
