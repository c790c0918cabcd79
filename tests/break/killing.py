"""SIGKILL at any moment: what was acknowledged before is there afterwards, and the catalog is whole."""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import httpx
from tally import Attack

import hostile
import pictures
from lookalike import Collection
from program import Program
from waiting import HANG_GUARD

_PICTURES = 48
_PAIRS = 8
_ADD = """
import sys
from lookalike import Collection
with Collection.open(sys.argv[1], create=True) as collection:
    collection.add([sys.argv[2]], on_progress=lambda progress: print(progress.done, flush=True))
print("finished", flush=True)
"""


def index(attack: Attack) -> None:
    """Kill what indexes a folder; every file that was reported as done is in the catalog."""
    folder = attack.place / "pictures"
    pictures.write(folder, _PICTURES, first_seed=attack.dice.randrange(10**6))
    store, known, stores = attack.place / "store-0", 0, 1
    while attack.goes_on:
        child = subprocess.Popen(
            [sys.executable, "-c", _ADD, str(store), str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        first = child.stdout.readline()  # work begins with "0"
        _kill_later(child, attack.dice.uniform(0, 0.9))
        lines = [first, *child.stdout.readlines()]
        child.wait(HANG_GUARD)
        done = max((int(line) for line in lines if line.strip().isdigit() and line.endswith("\n")), default=0)
        with Collection.open(store, create=True) as collection:
            found, problems = len(collection.files()), collection.check().problems
        attack.tally.judge(
            found >= known + done and not problems,
            f"{known} + {done} acknowledged, {found} found, {problems}",
        )
        known = found
        if "finished\n" in lines:
            shutil.rmtree(store)
            store, known, stores = attack.place / f"store-{stores}", 0, stores + 1


def uploads(attack: Attack) -> None:
    """Kill a server while pictures are uploaded; every one that was acknowledged is kept."""
    program = Program(attack.place / "home")
    pictures.write(program.home / "pictures", 2)
    assert program("index", "pictures").code == 0
    told: set[str] = set()
    while attack.goes_on:
        process = program.start("serve", "--port", "0", stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        url = process.stdout.readline().decode().split()[1]
        httpx.get(f"{url}readyz", timeout=HANG_GUARD)
        seeds = [attack.dice.randrange(10**9) for _ in range(2)]
        senders = [threading.Thread(target=_upload, args=(url, seed, told)) for seed in seeds]
        for sender in senders:
            sender.start()
        _kill_later(process, attack.dice.uniform(0.2, 1.5))
        for sender in senders:
            sender.join()
        process.wait(HANG_GUARD)
        process.stdout.close()
        with Collection.open(program.collection) as collection:
            kept = {path.stem: path for path in collection.files() if path.parent.name == "uploads"}
            problems = collection.check().problems
        lost = [name for name in told if name not in kept or _sha256(kept[name]) != name]
        attack.tally.judge(not lost and not problems, f"{len(lost)} of {len(told)} uploads lost, {problems}")
    attack.tally.figures.append(f"{len(told)} uploads were acknowledged")


def duplicates(attack: Attack) -> None:
    """Kill what moves duplicates away; no picture is lost, and undo brings every file back."""
    program = Program(attack.place / "home")
    photos, away = program.home / "photos", program.home / "away"
    for number, path in enumerate(pictures.write(photos, _PAIRS, first_seed=attack.dice.randrange(10**6))):
        (photos / "copies").mkdir(exist_ok=True)
        for again in range(3):
            shutil.copy(path, photos / "copies" / f"copy-{again}-of-{number}{path.suffix}")
    before = _tree([photos])
    assert program("index", "photos").code == 0
    assert program("duplicates", "--quiet").code == 0  # so that what is killed finds all groups at once
    while attack.goes_on:
        process = program.start("duplicates", "--move-to", away, "--apply")
        end = time.monotonic() + HANG_GUARD  # acting begins with the first file that is gone
        while process.poll() is None and len(_tree([photos])) == len(before) and time.monotonic() < end:
            time.sleep(0.001)
        _kill_later(process, attack.dice.uniform(0, 0.05))
        process.communicate()
        left = set(_tree([photos, away]).values())
        attack.tally.judge(left == set(before.values()), f"{len(set(before.values()) - left)} pictures lost")
        undone = program("undo", "--all")
        after = _tree([photos])
        attack.tally.judge(
            after == before, f"undo: {undone.code} {undone.err} {before.items() ^ after.items()}"
        )
        if after != before:
            return


def _upload(url: str, seed: int, told: set[str]) -> None:
    """Upload pictures until the server is gone, and note what it says that it has."""
    dice = random.Random(seed)
    with httpx.Client(base_url=url, timeout=HANG_GUARD) as client:
        while True:
            files = [_drawn(dice.randrange(10**9)) for _ in range(3)]
            try:
                answer = client.post("/v1/images", files=[("files", data) for data in files])
            except httpx.TransportError:
                return
            told.update(added["sha256"] for added in answer.json()["added"])


def _drawn(seed: int) -> bytes:
    return hostile.encoded(pictures.draw(seed), "PNG")


def _kill_later(process: subprocess.Popen[str] | subprocess.Popen[bytes], seconds: float) -> None:
    threading.Timer(seconds, process.send_signal, [signal.SIGKILL]).start()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _tree(folders: Iterable[Path]) -> dict[Path, str]:
    """The SHA-256 of each file below some folders."""
    found = {}
    for folder in folders:
        for path in folder.rglob("*"):
            try:
                if path.is_file() and not path.name.startswith("."):
                    found[path] = _sha256(path)
            except FileNotFoundError:  # it is being moved right now
                continue
    return found
