from __future__ import annotations

import inspect
import re

import pytest

from lookalike import errors

TREE = re.compile(r"^(?P<branches>[ │├└─]*)(?P<name>[A-Z]\w+)(\s{2,}(?P<meaning>.+))?$")


def _drawn() -> dict[str, str | None]:
    """Each class in the module docstring's tree, with the one that it hangs from."""
    parents: dict[str, str | None] = {}
    above: list[str] = []
    drawing = inspect.cleandoc(errors.__doc__ or "").partition("::\n")[2]
    for line in inspect.cleandoc(drawing.strip("\n").partition("\n\n")[0]).splitlines():
        found = TREE.match(line)
        assert found, line
        depth = len(found["branches"]) // 4
        parents[found["name"]] = above[depth - 1] if depth else None
        above[depth:] = [found["name"]]
    return parents


def _classes() -> dict[str, type[Exception]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception)
    }


def test_the_tree_is_as_drawn() -> None:
    drawn = {
        name: parent if parent is None else _classes()[parent].__name__ for name, parent in _drawn().items()
    }
    assert len(drawn) == 13
    actual = {
        name: None if kind.__base__ is Exception else getattr(kind.__base__, "__name__", None)
        for name, kind in _classes().items()
    }
    assert actual == drawn


def test_a_usage_error_is_a_value_error_and_no_other_is() -> None:
    assert [name for name, kind in _classes().items() if issubclass(kind, ValueError)] == ["UsageError"]


def test_each_kind_leads_back_to_its_class_alone() -> None:
    for kind in _classes().values():
        assert issubclass(kind, errors.LookalikeError)
        assert re.fullmatch("[a-z]+(-[a-z]+)*", kind.kind)
        assert errors.error_of(kind.kind) is kind
    assert errors.error_of("no-such-kind") is None


@pytest.mark.parametrize("name", list(_classes()))
def test_each_carries_its_message_and_says_what_it_is_for(name: str) -> None:
    kind = _classes()[name]
    assert str(kind("what was wrong; what to do")) == "what was wrong; what to do"
    assert kind.__doc__
