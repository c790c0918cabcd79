from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from lookalike.errors import Busy, DamagedError, LookalikeError, NotFoundError, UsageError
from lookalike.store import Catalog, Database, History, Recorder, opening, problems_in
from lookalike.store.migrations import MIGRATIONS
from waiting import HANG_GUARD

OPEN_WHEN_TOLD = """
import sys
from pathlib import Path
from lookalike.store import Database, Recorder
for line in sys.stdin:
    try:
        database = Database(Path(line.strip()), create=True)
        Recorder(database).record([])
        print("fine", flush=True)
        database.close()
    except Exception as error:
        print(repr(error), flush=True)
"""


@pytest.fixture
def made(path: Path) -> Path:
    """A catalog with 50 pages of content, closed."""
    with closing(Database(path, create=True)) as opened, opened.atomic() as connection:
        connection.execute("CREATE TABLE ballast (content BLOB)")
        connection.executemany("INSERT INTO ballast VALUES (?)", [(os.urandom(15_000),) for _ in range(50)])
    return path


def _schema(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def _number(path: Path, pragma: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


class TestOpening:
    def test_what_is_not_there_is_not_made_unless_asked(self, path: Path) -> None:
        with pytest.raises(NotFoundError, match=r"no collection at .*folder; make one with"):
            Database(path, create=False)
        assert not path.parent.exists()
        Database(path, create=True).close()
        Database(path, create=False).close()

    def test_the_file_says_whose_it_is(self, made: Path) -> None:
        assert made.read_bytes()[68:72] == b"LOOK"  # the application id in SQLite's file format
        assert _number(made, "user_version") == len(MIGRATIONS)

    def test_what_is_committed_lasts_and_readers_are_not_blocked(self, path: Path) -> None:
        with closing(Database(path, create=True)) as opened:
            pragmas = {name: opened.row(f"PRAGMA {name}") for name in ("journal_mode", "synchronous")}
            assert pragmas == {"journal_mode": ("wal",), "synchronous": (2,)}
            with opened.atomic() as connection:
                assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
                assert connection.execute("PRAGMA synchronous").fetchone() == (2,)

    def test_reads_go_on_while_a_thread_waits_to_write(self, path: Path) -> None:
        """The other writer ends only when the reads are done, so none of them can have waited for it."""
        with closing(Database(path, create=True)) as opened, closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Busy), opened.atomic(wait=False):
                pass
            with ThreadPoolExecutor(2) as pool:
                writing = pool.submit(Recorder(opened).claim, "name", "fingerprint")
                with opened.consistent():
                    assert opened.rows("SELECT * FROM files") == []
                assert Catalog(opened).embedder() is None
                assert not writing.done()
                other.execute("COMMIT")
                writing.result()
            assert Catalog(opened).embedder() == ("name", "fingerprint")

    def test_a_thread_that_writes_sees_what_it_wrote_and_others_do_not_yet(self, path: Path) -> None:
        with closing(Database(path, create=True)) as opened, ThreadPoolExecutor(1) as pool:
            with opened.atomic() as connection:
                connection.execute(
                    "INSERT INTO facts (name, value) VALUES ('embedder', 'x'), ('fingerprint', 'y')"
                )
                with opened.atomic():  # a part of the outer one
                    pass
                with opened.consistent():
                    assert Catalog(opened).embedder() == ("x", "y")
                assert pool.submit(Catalog(opened).embedder).result() is None
                with (
                    closing(Database(path, create=False)) as other,
                    pytest.raises(Busy),
                    other.atomic(wait=False),
                ):
                    pass
            assert pool.submit(Catalog(opened).embedder).result() == ("x", "y")

    def test_a_file_where_the_folder_should_be(self, tmp_path: Path) -> None:
        (tmp_path / "folder").write_text("in the way")
        with pytest.raises(UsageError, match="cannot be opened"):
            Database(tmp_path / "folder" / "catalog.sqlite", create=True)

    def test_a_folder_where_the_file_should_be(self, path: Path) -> None:
        path.mkdir(parents=True)
        with pytest.raises(UsageError, match="cannot be opened"):
            Database(path, create=False)

    def test_an_empty_file_is_damage(self, path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        with pytest.raises(DamagedError, match="it is empty; restore it"):
            Database(path, create=False)
        (path.parent / "index").mkdir()  # made by a collection that held something
        with pytest.raises(DamagedError, match="it is empty; restore it"):
            Database(path, create=True)
        assert path.stat().st_size == 0

    def test_but_one_that_was_not_finished_is_made_anew(self, path: Path) -> None:
        """Its process was stopped before the tables were there."""
        path.parent.mkdir()
        path.touch()
        Database(path, create=True).close()
        assert _number(path, "user_version") == len(MIGRATIONS)

    def test_one_that_another_process_is_making_is_waited_for(self, path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        maker = threading.Timer(0.3, lambda: Database(path, create=True).close())
        maker.start()
        Database(path, create=False).close()
        maker.join()

    @pytest.mark.parametrize("content", [b"text\n" * 500, bytes(4096), b"SQLite format 3\0" + b"\xff" * 4080])
    def test_what_is_no_database_is_damaged_and_left_alone(self, content: bytes, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(content)
        with pytest.raises(DamagedError, match="then restore a backup"):
            Database(path, create=True)
        assert path.read_bytes() == content

    @pytest.mark.parametrize("version", [0, 1, 99])
    def test_another_programs_database_is_refused_and_left_alone(self, version: int, path: Path) -> None:
        path.parent.mkdir()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE bookmarks (url TEXT)")
            connection.execute(f"PRAGMA user_version = {version}")
        content = path.read_bytes()
        with pytest.raises(DamagedError, match="not a catalog of this program"):
            Database(path, create=True)
        assert path.read_bytes() == content

    def test_a_newer_version_is_refused_and_left_alone(self, made: Path) -> None:
        with closing(sqlite3.connect(made)) as connection:
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        before = _schema(made)
        with pytest.raises(UsageError, match="newer version; upgrade lookalike"):
            Database(made, create=False)
        assert _schema(made) == before

    @pytest.mark.parametrize("kept", [16, 99, 100, 4096, 16_383, 16_384, 40_000, 16_384 * 20, 16_384 * 45])
    def test_a_truncated_file_is_damaged(self, kept: int, made: Path) -> None:
        os.truncate(made, kept)
        with suppress(DamagedError), closing(Database(made, create=False)) as opened:
            assert problems_in(opened)


class TestMigrations:
    def test_opening_again_changes_nothing(self, made: Path) -> None:
        before = _schema(made)
        for _ in range(3):
            Database(made, create=True).close()
        assert _schema(made) == before

    def test_a_later_one_is_applied_once_and_keeps_what_is_there(
        self, made: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script = """
        -- A comment; with a semicolon.
        CREATE TABLE extra (a TEXT DEFAULT ';');
        CREATE TRIGGER counts AFTER INSERT ON extra BEGIN
            DELETE FROM revisions;
            INSERT INTO revisions VALUES (2, 'two; marks', 3);
        END;
        INSERT INTO extra VALUES ('x');
        """
        monkeypatch.setattr(opening, "MIGRATIONS", (*MIGRATIONS, script))
        for _ in range(2):
            with closing(Database(made, create=False)) as opened:
                assert opened.rows("SELECT a FROM extra") == [("x",)]
                assert opened.rows("SELECT * FROM revisions") == [(2, "two; marks", 3)]
                assert opened.row("SELECT count(*) FROM ballast") == (50,)
        assert _number(made, "user_version") == len(MIGRATIONS) + 1

    def test_a_failing_one_leaves_nothing_behind(self, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = _schema(made)
        broken = "CREATE TABLE half (a);\nINSERT INTO nowhere VALUES (1);\n"
        with monkeypatch.context() as patch:
            patch.setattr(opening, "MIGRATIONS", (*MIGRATIONS, broken))
            with pytest.raises(LookalikeError, match="nowhere"):
                Database(made, create=False)
        assert _schema(made) == before
        assert _number(made, "user_version") == len(MIGRATIONS)
        Database(made, create=False).close()

    def test_a_new_one_is_made_whole_or_not_at_all(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(opening, "MIGRATIONS", (*MIGRATIONS, "INSERT INTO nowhere VALUES (1);"))
            with pytest.raises(LookalikeError, match="nowhere"):
                Database(path, create=True)
        assert _schema(path) == []
        Database(path, create=True).close()
        assert _number(path, "user_version") == len(MIGRATIONS)

    def test_processes_that_make_it_at_once_all_succeed(self, tmp_path: Path) -> None:
        rounds, count = 12, 3
        crowd = [
            subprocess.Popen(
                [sys.executable, "-c", OPEN_WHEN_TOLD],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            for _ in range(count)
        ]
        answers = []
        try:
            for number in range(rounds):
                for process in crowd:
                    assert process.stdin
                    process.stdin.write(f"{tmp_path / str(number) / 'catalog.sqlite'}\n")
                for process in crowd:
                    assert process.stdin
                    process.stdin.flush()
                for process in crowd:
                    assert process.stdout
                    answers.append(process.stdout.readline().strip())
        finally:
            for process in crowd:
                process.communicate(timeout=HANG_GUARD)
        assert answers == ["fine"] * (rounds * count)
        for number in range(rounds):
            path = tmp_path / str(number) / "catalog.sqlite"
            assert _number(path, "user_version") == len(MIGRATIONS)
            with closing(Database(path, create=False)) as opened:
                assert History(opened).revision() == count


class TestTransactions:
    @pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), NotFoundError("no")])
    def test_an_exception_rolls_everything_back(self, error: BaseException, path: Path) -> None:
        with closing(Database(path, create=True)) as opened:

            def fail() -> None:
                with opened.atomic() as connection:
                    connection.execute("INSERT INTO facts (name, value) VALUES ('a', 'b')")
                    raise error

            with pytest.raises(type(error)):
                fail()
            assert opened.rows("SELECT name, value FROM facts") == []
            with opened.atomic() as connection:
                connection.execute("INSERT INTO facts (name, value) VALUES ('c', 'd')")
            assert opened.rows("SELECT name, value FROM facts") == [("c", "d")]

    def test_a_failing_statement_rolls_everything_back(self, path: Path) -> None:
        with closing(Database(path, create=True)) as opened:

            def fail() -> None:
                with opened.atomic() as connection:
                    connection.execute("INSERT INTO facts (name, value) VALUES ('a', 'b')")
                    connection.execute("INSERT INTO nowhere VALUES (1)")

            with pytest.raises(DamagedError, match="no such table: nowhere"):
                fail()
            assert opened.rows("SELECT name, value FROM facts") == []

    def test_others_see_a_transaction_whole_or_not_at_all(self, path: Path) -> None:
        with closing(Database(path, create=True)) as writer, closing(Database(path, create=False)) as reader:
            with writer.atomic() as connection:
                connection.execute("INSERT INTO facts (name, value) VALUES ('a', '1')")
                assert reader.rows("SELECT name, value FROM facts") == []
                connection.execute("INSERT INTO facts (name, value) VALUES ('b', '2')")
            assert len(reader.rows("SELECT name, value FROM facts")) == 2

    def test_consistent_reads_see_one_moment(self, path: Path) -> None:
        with closing(Database(path, create=True)) as writer, closing(Database(path, create=False)) as reader:
            with reader.consistent():
                assert reader.row("SELECT count(*) FROM facts") == (0,)
                with writer.atomic() as connection:
                    connection.execute("INSERT INTO facts (name, value) VALUES ('a', '1')")
                assert reader.row("SELECT count(*) FROM facts") == (0,)
            assert reader.row("SELECT count(*) FROM facts") == (1,)

    def test_threads_share_a_connection(self, path: Path) -> None:
        with closing(Database(path, create=True)) as opened:

            def add(number: int) -> None:
                with opened.atomic() as connection:
                    connection.execute("INSERT INTO facts (name, value) VALUES (?, 'x')", (str(number),))
                    connection.execute("INSERT INTO revisions (mark) VALUES ('x')")
                assert opened.row("SELECT value FROM facts WHERE name = ?", str(number)) == ("x",)

            with ThreadPoolExecutor(8) as pool:
                list(pool.map(add, range(64)))
            assert opened.row("SELECT count(*) FROM facts") == (64,)
            assert History(opened).revision() == 64
