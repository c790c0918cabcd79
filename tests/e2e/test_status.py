"""What ``lookalike status`` says of the index cache."""

from __future__ import annotations

import shutil

from pictures import write
from program import Program


def test_an_index_that_is_not_there_is_made_by_the_next_search(program: Program) -> None:
    picture = write(program.home / "pictures", 3)[0]
    assert program.here("index", "pictures").code == 0
    shutil.rmtree(program.collection / "index", ignore_errors=True)
    said = "\nindex        none yet; the next search makes it\n"
    assert said in program.here("status").out
    assert program.here("search", picture).code == 0
    assert "\nindex        up to date\n" in program.here("status").out
