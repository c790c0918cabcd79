"""A catalog whose file is replaced while connections are open."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from lookalike.errors import DamagedError
from lookalike.store import Catalog, Database, FollowingIndex, History, Recorder, problems_in
from records import DIM, FINGERPRINT, records, vector
from waiting import HANG_GUARD

COUNT_WHEN_TOLD = """
import sys
from pathlib import Path
from lookalike.store import Catalog, Database
database = Database(Path(sys.argv[1]), create=False)
print(Catalog(database).count(), flush=True)
for line in sys.stdin:
    print(Catalog(database).count(), flush=True)
database.close()
"""


class TestReplacement:
    @pytest.fixture
    def backup(self, tmp_path: Path) -> Path:
        """A catalog of three images that a reader and a writer do not have open."""
        with closing(Database(tmp_path / "backup" / "catalog.sqlite", create=True)) as database:
            Recorder(database).record(records(range(20, 23)))
        return tmp_path / "backup" / "catalog.sqlite"

    def test_it_is_noticed_and_the_former_log_is_not_mixed_in(self, path: Path, backup: Path) -> None:
        with closing(Database(path, create=True)) as first, closing(Database(path, create=False)) as second:
            Recorder(first).record(records(range(9)))
            assert Catalog(second).count() == 9
            backup.replace(path)
            assert Catalog(first).count() == 3
            Recorder(first).record(records([30]))
            assert Catalog(second).count() == 4
            Recorder(second).record(records([31]))
            assert problems_in(first) == []
            with closing(Database(path, create=False)) as third:
                assert Catalog(third).count() == 5
        with closing(Database(path, create=False)) as later:
            numbers = [int(place.stem) for place in Catalog(later).paths()]
            assert numbers == [20, 21, 22, 30, 31]
            assert problems_in(later) == []

    def test_other_processes_that_had_it_open_do_no_harm(self, path: Path, backup: Path) -> None:
        """One looks again after the log was begun anew, and one ends without looking."""
        with closing(Database(path, create=True)) as opened:
            Recorder(opened).record(records(range(9)))
            others = [
                subprocess.Popen(
                    [sys.executable, "-c", COUNT_WHEN_TOLD, path],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                )
                for _ in range(2)
            ]
            for other in others:
                assert other.stdout
                assert other.stdout.readline() == "9\n"
            backup.replace(path)
            Recorder(opened).record(records([30]))
            assert others[0].communicate("again\n", timeout=HANG_GUARD)[0] == "4\n"
            assert others[1].communicate("", timeout=HANG_GUARD)[0] == ""
            Recorder(opened).record(records([31]))
        with closing(Database(path, create=False)) as later:
            assert [int(place.stem) for place in Catalog(later).paths()] == [20, 21, 22, 30, 31]
            assert problems_in(later) == []

    def test_a_transaction_that_is_under_way_ends_in_the_former_file(self, path: Path, backup: Path) -> None:
        with closing(Database(path, create=True)) as opened:
            Recorder(opened).record(records(range(9)))
            with opened.consistent():
                backup.replace(path)
                assert Catalog(opened).count() == 9
            assert Catalog(opened).count() == 3

    def test_what_is_no_catalog_is_refused_until_one_is_there(self, path: Path, backup: Path) -> None:
        with closing(Database(path, create=True)) as opened:
            other = path.with_name("other")
            other.write_bytes(b"no database" * 100)
            other.replace(path)
            for _ in range(2):
                with pytest.raises(DamagedError, match="is damaged"):
                    Catalog(opened).count()
            backup.replace(path)
            assert Catalog(opened).count() == 3

    def test_an_index_follows_the_catalog_that_is_there_now(self, path: Path, backup: Path) -> None:
        """As many images under the same ids and revision, but others."""
        with closing(Database(path, create=True)) as opened:
            Recorder(opened).record(records(range(3)))
            following = FollowingIndex(History(opened), path.parent / "index", FINGERPRINT, DIM)
            assert following.current().search(vector(1), 1).distances[0, 0] < 1e-6
            revision = History(opened).revision()
            backup.replace(path)
            assert History(opened).revision() == revision
            index = following.current()
            assert index.search(vector(21), 1).distances[0, 0] < 1e-6
            assert index.search(vector(1), 1).distances[0, 0] > 0.1
