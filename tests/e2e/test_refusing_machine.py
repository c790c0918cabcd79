"""What the machine refuses, rather than the program: each ends in one line and an exit code of its own."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import cv2
import pytest

from lookalike import Collection
from pictures import draw, write
from program import Program
from waiting import HANG_GUARD

NOBODY = 12345
"""A user id that no list of users has."""

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become another user, or mount"
)


def _as_nobody(*words: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Run Python as a user whom no list of users has."""
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return subprocess.run(
        [*become, sys.executable, *words], cwd=cwd, env=env, capture_output=True, check=False
    )


def _told(process: subprocess.Popen[bytes]) -> tuple[int, list[str]]:
    """Exit code and lines on stderr."""
    _, err = process.communicate(timeout=HANG_GUARD)
    return process.returncode, err.decode().splitlines()


class TestNoHome:
    LINE = re.compile(r"lookalike: there is no home folder to hold the collection; name a folder .*\n")

    @pytest.fixture
    def nobody(self, program: Program) -> Program:
        """The working folder of a user without name and home, as in ``docker run --user 12345``."""
        os.chown(program.home, NOBODY, NOBODY)
        return program

    @needs_root
    def test_only_what_needs_the_folder_asks_for_it(self, nobody: Program) -> None:
        environment = dict(nobody.environment)
        del environment["HOME"], environment["LOOKALIKE_COLLECTION"]
        draw(0).save(nobody.home / "a.png")
        codes = {("--version",): 0, ("--help",): 0, ("compare", "a.png", "a.png"): 0, ("status",): 2}
        for words, code in codes.items():
            done = _as_nobody("-m", "lookalike", *words, cwd=nobody.home, env=environment)
            assert done.returncode == code, (words, done.stderr)
            assert bool(done.stdout) == (code == 0)
            assert self.LINE.fullmatch(done.stderr.decode()) if code else not done.stderr
        assert not (nobody.home / "~").exists()

    @needs_root
    def test_compiled_code_finds_a_place(self, nobody: Program) -> None:
        """Numba keeps it beside the modules or in the home folder, and this user can write to neither."""
        with tempfile.TemporaryDirectory() as folder:  # pytest's own are closed to other users
            os.chown(folder, NOBODY, NOBODY)
            environment = {**nobody.environment, "HOME": "/nonexistent", "TMPDIR": folder}
            done = _as_nobody("-c", "from lookalike.kernels import stages", cwd=nobody.home, env=environment)
            assert (done.returncode, done.stderr) == (0, b"")
            assert Path(folder, f"lookalike-{NOBODY}", "numba").is_dir()


@pytest.mark.parametrize("unbuffered", ["", "1"])
class TestOutput:
    def test_a_full_disk(self, unbuffered: str, indexed: Program) -> None:
        environment = {**indexed.environment, "PYTHONUNBUFFERED": unbuffered}
        with Path("/dev/full").open("wb") as full:
            process = indexed.start("search", "pictures/picture-0000.png", stdout=full, env=environment)
            told = _told(process)
        assert told == (5, ["lookalike: the result could not be written: No space left on device"])

    def test_a_reader_that_is_gone(self, unbuffered: str, indexed: Program) -> None:
        environment = {**indexed.environment, "PYTHONUNBUFFERED": unbuffered}
        reading, writing = os.pipe()
        os.close(reading)
        process = indexed.start("search", "pictures/picture-0000.png", stdout=writing, env=environment)
        os.close(writing)
        assert _told(process) == (141, [])

    def test_no_output_at_all(self, unbuffered: str, indexed: Program) -> None:
        environment = {**indexed.environment, "PYTHONUNBUFFERED": unbuffered}
        shell = f'exec "{sys.executable}" -m lookalike status >&-'
        done = subprocess.run(
            ["/bin/sh", "-c", shell], env=environment, cwd=indexed.home, stderr=subprocess.PIPE, check=False
        )
        assert (done.returncode, done.stderr.decode().splitlines()) == (
            5,
            ["lookalike: the result could not be written: Bad file descriptor"],
        )

    def test_nobody_hears_complaints(self, unbuffered: str, indexed: Program) -> None:
        environment = {**indexed.environment, "PYTHONUNBUFFERED": unbuffered}
        with Path("/dev/full").open("wb") as full:
            process = indexed.start("search", "absent.png", stderr=full, env=environment)
            process.communicate(timeout=HANG_GUARD)
        assert process.returncode == 1


INTERRUPTED = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[-1]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from lookalike.__main__ import run
run()
"""


@pytest.mark.parametrize(
    "name", ["lookalike.cli.ahead", "lookalike.cli.main", "typer", "numpy", "onnxruntime", "sqlite3"]
)
def test_ctrl_c_during_an_import(name: str, indexed: Program) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, "status", name],
        env=indexed.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert _told(process) == (130, ["Stopped."])


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RuntimeError("can't start new thread"), "no further thread can be started"),
        (cv2.error("std::bad_alloc"), "there is not enough memory"),
        (
            cv2.error("(-4:Insufficient memory) Failed to allocate 49152 bytes"),
            "there is not enough memory",
        ),
    ],
    ids=str,
)
def test_what_the_machine_lacks_is_told_in_one_line(
    error: Exception, told: str, indexed: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Collection, "ask", ask)
    done = indexed.here("search", "any.png")
    assert (done.code, done.out, done.err.count("\n"), told in done.err) == (5, "", 1, True)


def test_a_deleted_working_folder(program: Program) -> None:
    draw(0).save(program.home / "a.png")
    gone = program.home / "gone"
    gone.mkdir()
    environment = {**program.environment, "PYTHONPATH": program.environment["PYTHONPATH"]}
    for words, code in ((("index", "."), 3), (("index", str(program.home / "a.png")), 0)):
        gone.mkdir(exist_ok=True)
        shell = f'rmdir "{gone}" && exec "$0" -m lookalike "$@"'
        process = subprocess.Popen(
            ["/bin/sh", "-c", shell, sys.executable, *words],
            cwd=gone,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        found, lines = _told(process)
        assert (found, len(lines)) == (code, bool(code)), lines
        if code:
            assert lines[0].startswith("lookalike: the working folder is gone")


def _fill(path: Path) -> None:
    """Write a file until its disk is full."""
    with suppress(OSError), path.open("wb", buffering=0) as rest:
        while True:
            rest.write(bytes(4096))


@needs_root
def test_a_full_disk_under_the_collection(program: Program) -> None:
    write(program.home / "pictures", 60)
    small = program.home / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", small], check=False).returncode:
        pytest.skip("this machine does not let anything be mounted")
    try:
        done = program("index", "pictures", "--collection", small / "c")
        assert done.code == 5
        assert done.out == ""
        told = f"lookalike: no room is left for {small / 'c' / 'catalog.sqlite'}; make room on its disk\n"
        assert done.err == told
        subprocess.run(["mount", "-o", "remount,size=60M", small], check=True)
        assert program.here("index", "pictures", "--collection", small / "c", "--json").json["images"] == 60
        assert program.here("verify", "--collection", small / "c").code == 0
        _fill(small / "rest")
        for words in (("status",), ("search", "pictures/picture-0000.png"), ("index", "pictures")):
            done = program(*words, "--collection", small / "c")
            assert (done.code, done.out, done.err) == (5, "", told), words
        (small / "rest").unlink()
        assert program.here("status", "--collection", small / "c", "--json").json["images"] == 60
    finally:
        subprocess.run(["umount", small], check=True)


@needs_root
def test_a_backup_onto_a_full_disk_names_the_backup(indexed: Program) -> None:
    """Its first part is a copy of the catalog, which SQLite writes: the catalog itself was blamed."""
    small = indexed.home / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", small], check=False).returncode:
        pytest.skip("this machine does not let anything be mounted")
    try:
        done = indexed.here("backup", small / "backup.tar")
        told = f"lookalike: the backup {small / 'backup.tar'} cannot be written: No space left on device\n"
        assert (done.code, done.out, done.err) == (5, "", told)
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)


def test_too_many_open_files(indexed: Program, tmp_path: Path) -> None:
    """The machine's fault: the pictures are neither refused nor remembered as broken."""
    shutil.copytree(indexed.home / "pictures", tmp_path / "pictures")

    def starve() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))

    process = indexed.start("index", tmp_path / "pictures", "--collection", tmp_path / "c", preexec_fn=starve)
    code, lines = _told(process)
    assert (code, len(lines)) == (5, 1), lines
    assert lines[0].startswith("lookalike: ")


def test_a_collection_where_nobody_may_write(indexed: Program) -> None:
    place = Path("/proc/sys/pictures")
    done = indexed("index", "pictures", "--collection", place)
    assert (done.out, done.err.count("\n")) == ("", 1)
    assert done.code in (2, 5)


def test_a_name_with_a_newline_stays_on_its_line(program: Program) -> None:
    done = program.here("status", "--collection", "new\nline\x1b[31m")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert r"new\nline\x1b[31m" in done.err
