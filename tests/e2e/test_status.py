"""What ``lookalike status`` says of the index cache."""

from __future__ import annotations

import shutil

from pictures import write
from program import Program


def test_searches_do_without_an_index_cache(program: Program) -> None:
    picture = write(program.home / "pictures", 3)[0]
    assert program.here("index", "pictures").code == 0
    assert "\nindex        up to date\n" in program.here("status").out
    shutil.rmtree(program.collection / "index")
    said = "\nindex        no cache; searches read the catalog instead\n"
    assert said in program.here("status").out
    assert program.here("search", picture).out.splitlines()[1].startswith("identical")
