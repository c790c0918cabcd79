"""What deploy/ holds for systemd and Docker: its commands do what they say, and systemd takes its units."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from lookalike import Collection, Settings
from pictures import write
from program import Program
from waiting import HANG_GUARD

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


def commands_of(unit: str) -> list[list[str]]:
    """The commands of a service, without the program."""
    lines = re.findall(r"^ExecStart=(.+)$", (DEPLOY / unit).read_text(), re.MULTILINE)
    words = [shlex.split(line) for line in lines]
    assert words
    assert all(word[0] == "/opt/lookalike/bin/lookalike" for word in words)
    return [word[1:] for word in words]


def moved(words: list[str], places: dict[str, Path]) -> list[str]:
    """A command with this test's places instead of the system's; the server gets any free port."""
    for before, after in places.items():
        words = [re.sub(rf"^{re.escape(before)}(?=/|$)", str(after), word) for word in words]
    return [*words, "--port", "0"] if words[0] == "serve" else words


@pytest.fixture
def places(program: Program) -> dict[str, Path]:
    write(program.home / "pictures", 3)
    (program.home / "token").write_text("open-sesame\n")
    return {
        "/var/lib/lookalike": program.home / "state",
        "/srv/pictures": program.home / "pictures",
        "%d/token": program.home / "token",
        "/data": program.home / "state",
        "/pictures": program.home / "pictures",
        "/run/secrets/token": program.home / "token",
    }


def serves_and_ends(program: Program, words: list[str]) -> None:
    process = program.fork(*words)
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    found = re.match(r"Serving http://\S+:(\d+)/", line)
    assert found, process.communicate()
    assert httpx.get(f"http://127.0.0.1:{found[1]}/livez", timeout=HANG_GUARD).status_code == 200
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=HANG_GUARD)
    assert process.returncode == 0


def images(program: Program) -> int:
    with Collection.open(program.home / "state" / "collection", settings=Settings()) as collection:
        return len(collection)


def watches_and_ends(program: Program, words: list[str]) -> None:
    process = program.fork(*words)
    assert process.stdout is not None
    assert process.stdout.readline().endswith(b"3 images in all.\n")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=HANG_GUARD)
    assert process.returncode == 0


def test_the_commands_of_the_units_work(program: Program, places: dict[str, Path]) -> None:
    (watch,) = commands_of("lookalike-watch.service")
    watches_and_ends(program, moved(watch, places))
    assert images(program) == 3
    for command in commands_of("lookalike-nightly.service"):
        done = program(*moved(command, places))
        assert done.code == 0, done.err
    assert program("restore", program.home / "state" / "backup.tar").code == 0
    (serve,) = commands_of("lookalike.service")
    serves_and_ends(program, moved(serve, places))


def test_the_commands_of_the_containers_work(program: Program, places: dict[str, Path]) -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    docker = (DEPLOY / "Dockerfile").read_text()
    variables = dict(re.findall(r"(LOOKALIKE_\w+)=(\S+)", docker))
    program.environment["LOOKALIKE_COLLECTION"] = moved([variables["LOOKALIKE_COLLECTION"]], places)[0]
    watches_and_ends(program, moved(services["watch"]["command"], places))
    assert images(program) == 3
    ready = services["watch"]["healthcheck"]["test"]
    assert subprocess.run(moved(ready[1:], places), check=False).returncode == 0
    serves_and_ends(program, moved(services["serve"]["command"], places))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """But for the program and the user, which are not there."""
    for unit in UNITS:
        text = unit.read_text().replace("/opt/lookalike/bin/lookalike", "/bin/true")
        (tmp_path / unit.name).write_text(text.replace("User=lookalike\n", ""))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(tmp_path / unit.name for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(UNITS) == 4


@pytest.mark.skipif(not shutil.which("sha256sum") or not shutil.which("tar"), reason="no tar or sha256sum")
def test_the_pages_commands_for_backups_work_as_printed(program: Program) -> None:
    write(program.home / "pictures", 2)
    assert program("index", "pictures").code == 0
    page = (DEPLOY.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    section = page.partition("## Backups\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```console\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    script = "\n".join(["set -eu", f'lookalike() {{ "{sys.executable}" -m lookalike "$@"; }}', *lines])
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=program.home,
        env=program.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "2 images restored to" in done.stdout
    assert (program.home / "unpacked" / "catalog.sqlite").exists()
