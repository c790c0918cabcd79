"""Nothing leaves the machine, and nothing is left outside the program's own folders.

Whole processes run under strace with an empty home folder. Every system call that reaches for the network or
makes a file is held against a short list of what is allowed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import lookalike
from pictures import write
from program import Program
from served import serving
from waiting import HANG_GUARD

CALLS = "network,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat"
LOOPBACK = ('"127.0.0.1"', '"::1"')
LISTENING = ("bind", "accept", "accept4")
TELLING = ("getsockname", "getpeername")  # the address of a socket that another call has given one
NAME_SERVICE = "/var/run/nscd/socket"  # the C library asks this machine's own service for the name of a user
PACKAGES = Path(lookalike.__file__).parent, Path(pytest.__file__).parents[1]
FONT_CACHES = ("/var/cache/fontconfig", ".cache/fontconfig")
"""Matplotlib asks the system's program fc-list for fonts, which renews the system's cache if it is old."""


class Traced(Program):
    """The program under strace.

    Attributes:
        traces: folder of what strace writes, one file per process that was started.
    """

    def __init__(self, home: Path, traces: Path) -> None:
        super().__init__(home)
        self.traces = traces
        traces.mkdir()
        for name in ("temporary", ".cache"):
            (home / name).mkdir()
        self.environment["TMPDIR"] = str(home / "temporary")

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command; strace is its grandchild (``-D``), so that signals reach the command itself."""
        return self.run([sys.executable, "-m", "lookalike", *map(str, arguments)], **options)

    fork = start

    def run(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start any command under strace."""
        trace = self.traces / f"{len(list(self.traces.iterdir()))}.txt"
        watched = [
            "strace",
            "-D",
            "-f",
            "-q",
            "-y",
            "--seccomp-bpf",
            "-e",
            f"trace={CALLS}",
            "-o",
            str(trace),
        ]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*watched, *command], **{"env": self.environment, "cwd": self.home, **streams, **options}
        )

    def calls(self) -> list[str]:
        """All system calls that were traced, without process ids, once every process has ended."""
        return [
            line.split(maxsplit=1)[1] for trace in sorted(self.traces.iterdir()) for line in _whole(trace)
        ]


def _whole(trace: Path) -> list[str]:
    """The lines of a trace; its first process ended when strace has noted so."""
    end = time.monotonic() + HANG_GUARD
    while True:
        lines = trace.read_text(errors="replace").splitlines()
        first = lines[0].split()[0] if lines else ""
        if any(line.split()[:2] == [first, "+++"] for line in lines):  # the id is padded to five places
            return lines
        assert time.monotonic() < end, f"{trace} has no end"
        time.sleep(0.05)


@pytest.fixture
def traced(tmp_path: Path) -> Traced:
    """The program under strace."""
    probe = ["strace", "-f", "--seccomp-bpf", "-e", "trace=openat", "-o", "/dev/null", "true"]
    if shutil.which("strace") is None or subprocess.run(probe, check=False).returncode:
        pytest.skip("there is no strace, or it may not be used")
    return Traced(tmp_path / "home", tmp_path / "traces")


def write_classes(folder: Path, count: int) -> None:
    """Write so many pictures of each of two classes."""
    for number, name in enumerate(("first", "second")):
        write(folder / name, count, first_seed=count * number)


def reaching_out(calls: list[str]) -> list[str]:
    """The calls that name an address other than to listen on loopback, or connect to anything at all."""
    found = []
    for call in calls:
        name = call.partition("(")[0]
        if "sin_addr" in call or "sin6_addr" in call:
            local = name in LISTENING and any(address in call for address in LOOPBACK)
            if not local and name not in TELLING:
                found.append(call)
        elif name == "connect" and NAME_SERVICE not in call:
            found.append(call)
    return found


def written(calls: list[str], home: Path) -> set[Path]:
    """Files and folders that were opened for writing, made, or renamed to."""
    paths = set()
    for call in calls:
        if call.startswith(("open", "creat")):
            opened = re.search(r"O_WRONLY|O_RDWR|O_CREAT|^creat", call)
            path = re.search(r" = \d+<(.*?)>(?:\(deleted\))?$", call)
        else:
            opened = re.match(r"mkdir|rename|link|symlink", call)
            path = re.search(r'"([^"]*)"[^"]* = 0$', call)
        if opened and path:
            paths.add(home / path[1])
    return paths


def test_what_reaches_out_or_writes_elsewhere_is_seen(traced: Traced) -> None:
    """The other tests of this file could not fail without this."""
    code = """if True:
        import contextlib, pathlib, socket
        with contextlib.suppress(OSError):
            socket.create_connection(("192.0.2.1", 9), timeout=0.1)  # an address that nobody has
        with contextlib.suppress(OSError):
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"report", ("192.0.2.1", 53))
        socket.socket().bind(("0.0.0.0", 0))
        pathlib.Path("left-behind").write_text("")
        pathlib.Path("left").mkdir()
    """
    process = traced.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert process.wait(HANG_GUARD) == 0
    calls = traced.calls()
    found = [call.partition("(")[0] for call in reaching_out(calls)]
    assert found == ["connect", "sendto", "bind"]
    assert {traced.home / "left-behind", traced.home / "left"} <= written(calls, traced.home)


def test_a_whole_session_stays_on_the_machine(traced: Traced) -> None:
    write_classes(traced.home / "pictures", 6)
    query = traced.home / "pictures" / "first" / "picture-0000.png"
    assert traced("index", "pictures").code == 0
    assert traced("search", query).code == 0
    with serving(traced) as server:
        best = server.search(query.read_bytes(), k=3)["matches"][0]
        assert best["similarity"] == pytest.approx(1, abs=1e-6)
        assert server.client.get("/").status_code == 200
    assert traced("lab", "map", "pictures", "--out", "out").code == 0

    calls = traced.calls()
    assert [call for call in calls if call.startswith("bind(")], "the server's socket must be seen"
    assert reaching_out(calls) == []
    _assert_own_files(calls, traced)


@pytest.mark.slow
def test_training_stays_on_the_machine(traced: Traced) -> None:
    """With PyTorch, and with the part of ONNX Runtime that makes networks of 8-bit integers."""
    write_classes(traced.home / "pictures", 18)  # 8-bit integers need 32 pictures
    (traced.home / "out").mkdir()
    shape = ("--weights", "lite0", "--epochs", "1", "--side", "64", "--freeze", "4")
    commands = [
        ["train", "pictures", *shape, "--out", "out/m.pt"],
        ["export", "out/m.pt", "--out", "out/m.onnx", "--pictures", "pictures"],
        ["evaluate", "out/m.onnx", "pictures", "--out", "out"],
    ]
    # In one process, which imports PyTorch once.
    code = f"""if True:
        from lookalike.cli.main import build
        for command in {commands}:
            build(["lab", *command])(["lab", *command], standalone_mode=False)
    """
    process = traced.run([sys.executable, "-c", code])
    _, err = process.communicate(timeout=HANG_GUARD)
    assert process.returncode == 0, err.decode()
    assert (traced.home / "out" / "evaluation.json").exists()

    calls = traced.calls()
    assert reaching_out(calls) == []
    _assert_own_files(calls, traced)


def _assert_own_files(calls: list[str], program: Traced) -> None:
    """Hold what was written, and what is left, against the program's own folders."""
    home = program.home
    own = [home / name for name in ("collection", "out", "temporary", ".cache/lookalike")]
    allowed = [*own, *(home / name for name in FONT_CACHES), *PACKAGES, Path("/dev")]
    made = written(calls, home)
    assert home / "collection" / "catalog.sqlite" in made or home / "out" / "m.pt" in made
    assert [path for path in made if not any(path.is_relative_to(folder) for folder in allowed)] == []
    assert list((home / "temporary").iterdir()) == []
    names = {path.name for path in home.iterdir() if not path.name.startswith("server-")}
    assert names <= {"collection", "out", "pictures", "temporary", ".cache"}
    assert {path.name for path in home.glob(".cache/*")} <= {"lookalike", "fontconfig"}
