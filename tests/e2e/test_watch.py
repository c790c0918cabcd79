"""The real program watches real folders: what is dropped there is found, what is gone is forgotten."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

import pytest

from lookalike import Collection, Settings
from pictures import draw, write
from program import Program
from waiting import HANG_GUARD


class Watched:
    """A watching process, and the collection as other processes see it.

    Attributes:
        until_end: what is open until the process is told to end.
    """

    def __init__(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        self.program, self.process = program, process
        self.until_end = ExitStack()

    @property
    def out(self) -> str:
        return (self.program.home / "watch.out").read_text()

    @property
    def err(self) -> str:
        return (self.program.home / "watch.err").read_text()

    def names(self) -> set[str]:
        if not (self.program.collection / "catalog.sqlite").exists():
            return set()
        return {path.name for path in self._collection.files()}

    @cached_property
    def _collection(self) -> Collection:
        collection = Collection.open(self.program.collection, settings=Settings())
        return self.until_end.enter_context(collection)

    def wait(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + HANG_GUARD
        while not condition():
            assert self.process.poll() is None, self.err
            assert time.monotonic() < end, (self.names(), self.out, self.err)
            time.sleep(0.1)


@contextmanager
def watching(
    program: Program, *arguments: str | Path, end: signal.Signals = signal.SIGTERM
) -> Iterator[Watched]:
    """Watch; the process must end in order when it is told to."""
    out, err = (program.home / "watch.out").open("wb"), (program.home / "watch.err").open("wb")
    with out, err:
        process = program.fork("watch", *arguments, stdout=out, stderr=err)
    watched = Watched(program, process)
    try:
        with watched.until_end:
            yield watched
        process.send_signal(end)
        assert process.wait(HANG_GUARD) == 0, watched.err
        assert "Traceback" not in watched.err, watched.err
        assert watched.err.endswith("Stopped. All changes that were printed are stored.\n")
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_pictures_come_and_go(end: signal.Signals, program: Program) -> None:
    folder = program.home / "pictures"
    names = {path.name for path in write(folder, 5)}
    (folder / ".hidden").mkdir()
    with watching(program, "pictures", "--exclude", "left-out*", end=end) as watched:
        watched.wait(lambda: watched.names() == names)
        watched.wait(lambda: f"Watching {folder}. 5 images added. 5 images in all." in watched.out)

        draw(50).save(folder / "left-out.png")
        draw(51).save(folder / ".hidden" / "hidden.png")
        (folder / "notes.txt").write_text("no picture")
        draw(52).save(folder / "dropped.png")
        watched.wait(lambda: "dropped.png" in watched.names())
        found = program("search", folder / "dropped.png", "--json").json["matches"]
        assert (found[0]["verdict"], found[0]["path"]) == ("identical", str(folder / "dropped.png"))

        (folder / "dropped.png").rename(folder / "renamed.png")
        watched.wait(lambda: {"renamed.png", "dropped.png"} & watched.names() == {"renamed.png"})

        (folder / "renamed.png").unlink()
        watched.wait(lambda: "renamed.png" not in watched.names())
        assert watched.names() == names

        write(program.home / "others" / "deep", 2, first_seed=60)
        (program.home / "others").rename(folder / "moved in")
        more = {"picture-0060.png", "picture-0061.jpg"}
        watched.wait(lambda: watched.names() == names | more)
        draw(62).save(folder / "moved in" / "deep" / "later.png")
        watched.wait(lambda: watched.names() == {*names, *more, "later.png"})
    assert program("status", "--json").json["roots"] == {str(folder): 8}


def test_a_folder_that_is_taken_away_and_comes_back(program: Program) -> None:
    """As a drive does that is unmounted: nothing is forgotten."""
    folder, away = program.home / "drive", program.home / "away"
    with watching(program, "drive") as watched:
        watched.wait(lambda: "drive is not there; it is watched as soon as it is" in watched.err)
        names = {path.name for path in write(folder, 4)}
        watched.wait(lambda: watched.names() == names)
        folder.rename(away)
        folder.mkdir()  # as an empty mount point
        watched.wait(lambda: "Nothing was forgotten" in watched.err)
        assert watched.names() == names
        folder.rmdir()
        draw(70).save(away / "meanwhile.png")
        away.rename(folder)
        watched.wait(lambda: watched.names() == {*names, "meanwhile.png"})
        draw(71).save(folder / "after.png")
        watched.wait(lambda: watched.names() == {*names, "meanwhile.png", "after.png"})


def test_a_broken_file_is_told_once_and_taken_when_it_is_whole(program: Program) -> None:
    folder = program.home / "pictures"
    write(folder, 2)
    with watching(program, "pictures") as watched:
        watched.wait(lambda: len(watched.names()) == 2)
        draw(80).save(folder / "whole.png")
        content = (folder / "whole.png").read_bytes()
        (folder / "broken.png").write_bytes(content[:60])
        watched.wait(lambda: "whole.png" in watched.names() and "broken.png" in watched.err)
        assert "whole.png" not in watched.err
        draw(81).save(folder / "broken.png")
        watched.wait(lambda: "broken.png" in watched.names())
        assert watched.err.count("broken.png") == 1


def test_the_collection_may_lie_in_a_folder_that_is_watched(program: Program) -> None:
    write(program.home / "pictures", 2)
    with watching(program, ".") as watched:
        watched.wait(lambda: watched.out.endswith("2 images in all.\n"))
        draw(90).save(program.home / "pictures" / "more.png")
        watched.wait(lambda: watched.out.endswith("3 images in all.\n"))
        assert watched.out.count("\n") == 2


@pytest.fixture
def drive(program: Program) -> Iterator[Callable[[str], None]]:
    """Mounts the folder ``away`` at ``pictures/drive``, and takes it away again, as a drive."""
    away, point = program.home / "away", program.home / "pictures" / "drive"
    for folder in (away, point):
        folder.mkdir(parents=True)
    commands = {"mount": ["mount", "--bind", away, point], "umount": ["umount", point]}
    may = shutil.which("mount") and not subprocess.run(commands["mount"], check=False).returncode
    if not may:
        pytest.skip("this user may not mount anything here")
    subprocess.run(commands["umount"], check=True)

    def run(command: str) -> None:
        subprocess.run(commands[command], check=True)

    yield run
    # Not asked first: a mount of the same file system does not look like one to Python.
    subprocess.run(commands["umount"], check=False, capture_output=True)


def test_a_drive_below_a_folder(drive: Callable[[str], None], program: Program) -> None:
    own = {path.name for path in write(program.home / "pictures", 5)}
    others = {path.name for path in write(program.home / "away", 2, first_seed=30)}
    with watching(program, "pictures") as watched:
        watched.wait(lambda: watched.names() == own)
        drive("mount")
        watched.wait(lambda: watched.names() == own | others)
        draw(40).save(program.home / "pictures" / "drive" / "new.png")
        watched.wait(lambda: "new.png" in watched.names())
        drive("umount")
        watched.wait(lambda: "Nothing was forgotten" in watched.err)
        assert watched.names() == {*own, *others, "new.png"}
        draw(41).save(program.home / "pictures" / "later.png")
        watched.wait(lambda: "later.png" in watched.names())
        drive("mount")
        draw(42).save(program.home / "pictures" / "drive" / "again.png")
        watched.wait(lambda: "again.png" in watched.names())
        assert watched.names() == {*own, *others, "new.png", "later.png", "again.png"}


def test_too_many_folders_are_no_secret(program: Program) -> None:
    """In a namespace of its own, where the system allows three."""
    for name in "abcdef":
        (program.home / "pictures" / name).mkdir(parents=True)
    limit = "/proc/sys/user/max_inotify_watches"
    start = ["unshare", "--user", "--map-root-user", "sh", "-c"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*start, f"echo 3 > {limit}"], check=False, capture_output=True).returncode
    ):
        pytest.skip("this user may not make a namespace here")
    done = subprocess.run(
        [*start, f'echo 3 > {limit} && exec "{sys.executable}" -m lookalike watch pictures'],
        env=program.environment,
        cwd=program.home,
        capture_output=True,
        text=True,
        timeout=HANG_GUARD,
        check=False,
    )
    assert done.returncode == 5
    assert "fs.inotify.max_user_watches" in done.stderr
    assert done.stderr.count("\n") == 1
