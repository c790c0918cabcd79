"""Looking at a collection, checking it and removing from it while another process indexes."""

from __future__ import annotations

import time

import pytest

from pictures import write
from program import Program
from waiting import HANG_GUARD

COUNT = 30


@pytest.mark.slow
def test_no_command_minds_an_indexer_at_work(program: Program) -> None:
    first = write(program.home / "first", 10)
    write(program.home / "pictures", COUNT, first_seed=10)
    assert program.here("index", "first").code == 0
    indexer = program.fork("index", "pictures", "--json")
    looked = 0
    seen = [10]
    while looked < 2 or indexer.poll() is None:
        status = program.here("status", "--json")
        assert status.code == 0, status.err
        seen.append(status.json["images"])
        verify = program.here("verify", "--json")
        assert (verify.code, verify.json["problems"]) == (0, []), verify.err
        wanted = first[1 + looked % 9]
        found = program.here("search", wanted, "-k", "1", "--json")
        assert found.code == 0, found.err
        assert found.json["matches"][0]["path"] == str(wanted)
        if looked == 1:
            assert program.here("remove", first[0]).code == 0
        looked += 1
        time.sleep(0.1)
    out, err = indexer.communicate(timeout=HANG_GUARD)
    assert (indexer.returncode, err) == (0, b"")
    assert f'"added": {COUNT},' in out.decode()
    assert max(seen) > 10
    assert program.here("status", "--json").json["images"] == COUNT + 9
    assert program.here("verify", "--json").json["repaired"] == []
