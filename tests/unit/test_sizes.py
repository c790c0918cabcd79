from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lookalike

SOURCE = Path(lookalike.__file__).parent
FILES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
LINES_OF_FILE, LINES_OF_PRODUCT_FILE, LINES_OF_FUNCTION, PARAMETERS = 400, 350, 60, 7
LEAST_WORDS = 4  # of a docstring: "Both." says nothing, and whoever has no more to say needs none
EXCEPTIONS = {
    "compat/lshash.py __init__ 8 parameters": "lshashpy3's own, so that a program changes only its import",
}


def too_large(file: str, text: str) -> Iterator[str]:
    """Each rule on sizes that a file breaks; experiments may have longer files and signatures."""
    is_product = not file.startswith("labs/")
    if (lines := len(text.splitlines())) > (LINES_OF_PRODUCT_FILE if is_product else LINES_OF_FILE):
        yield f"{file} {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            words = (ast.get_docstring(node) or "").split()
            if 0 < len(words) < LEAST_WORDS:
                yield f"{file} {node.name} docstring of {len(words)} words"
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        assert node.end_lineno is not None
        if (lines := node.end_lineno - node.lineno + 1) > LINES_OF_FUNCTION:
            yield f"{file} {node.name} {lines} lines"
        given = node.args
        named = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        count = len(set(named) - {"self", "cls"}) + (given.vararg is not None) + (given.kwarg is not None)
        if is_product and count > PARAMETERS:
            yield f"{file} {node.name} {count} parameters"


def test_no_file_function_or_signature_is_too_large() -> None:
    assert len(FILES) > 100
    found = {found for file in FILES for found in too_large(file, (SOURCE / file).read_text("utf-8"))}
    assert found == set(EXCEPTIONS)


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("a.py", "\n" * 350, []),
        ("a.py", "\n" * 351, ["a.py 351 lines"]),
        ("labs/a.py", "\n" * 400, []),
        ("labs/a.py", "\n" * 401, ["labs/a.py 401 lines"]),
        ("a.py", "def f():\n" + "    x\n" * 59, []),
        ("labs/a.py", "class A:\n  async def f():\n" + "    x\n" * 60, ["labs/a.py f 61 lines"]),
        ("a.py", "class A:\n  def f(self, a, b, /, c, *d, e, f, **g): ...", []),
        ("a.py", "class A:\n  def f(self, a, b, /, c, *d, e, f, g, **h): ...", ["a.py f 8 parameters"]),
        ("labs/a.py", "def f(a, b, c, d, e, f, g, h): ...", []),
        ("a.py", "class A:\n  def f(self):\n    'Bury the dead.'", ["a.py f docstring of 3 words"]),
        ("a.py", "class A:\n  'One that has four.'\n  def f(self): ...", []),
    ],
)
def test_the_rules_find_what_breaks_them(file: str, text: str, expected: list[str]) -> None:
    assert list(too_large(file, text)) == expected
