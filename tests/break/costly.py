"""Pictures that cost far more than they weigh: refused soon, and what else is asked goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from PIL import Image
from tally import Attack

import bombs
import hostile
import pictures
from lookalike.errors import ImageError
from lookalike.images import Limits
from lookalike.images.decoders import Decoders
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

_PICTURES, _BOMBS, _SEARCHES = 500, 10, 5
_MOST_MEMORY = 1.2e9


def each(attack: Attack) -> None:
    """Decode one after the other; each must end within three times the limit of processor time."""
    builders = {
        **{name: build for name, (build, _) in bombs.BOMBS.items()},
        **_allowed_ones(),
        "a JPEG 2000 with a precinct per pixel": bombs.precincts_of_a_pixel,
    }
    costly: dict[str, bytes] = {}
    limits = Limits(decode_seconds=10)
    slowest = (0.0, "")
    with Decoders(1) as decoders:
        while attack.goes_on:
            name = attack.dice.choice(list(builders))
            if name not in costly:
                costly[name] = builders[name]()
            started = time.monotonic()
            try:
                decoders.decode(costly[name], limits=limits, at_least=256)
                reason = ""
            except ImageError as error:
                reason = str(error)
            took = time.monotonic() - started
            slowest = max(slowest, (took, name))
            if took > 3 * limits.decode_seconds:
                attack.tally.wrong.append(f"{name}: {took:.0f} s")
            elif reason:
                attack.tally.refused += 1
            else:
                attack.tally.right += 1
    attack.tally.figures.append(f"slowest: {slowest[1]}, {slowest[0]:.1f} s")


def beside_searches(attack: Attack) -> None:
    """Upload two bombs while five others search; the limit of pixels lets them in, that of time ends them."""
    program = _indexed(attack.place / "home", 50)
    bomb = hostile.png_bomb()
    with serving(program, environment={"LOOKALIKE_MAX_PIXELS": str(10**10)}) as server:
        _searches(server, attack)
        while attack.goes_on:
            usual = _searches(server, attack)
            with ThreadPoolExecutor(2) as pool:
                uploads = [pool.submit(_upload, server, bomb, way) for way in ("images", "search")]
                time.sleep(0.5)  # both are being decoded
                beside = _searches(server, attack)
                busy = not any(upload.done() for upload in uploads)
                statuses = [upload.result() for upload in uploads]
            attack.tally.refused += sum(status in (200, 422) for status in statuses)
            attack.tally.wrong += [f"a bomb got {status}" for status in statuses if status not in (200, 422)]
            attack.tally.figures.append(
                f"two bombs of {len(bomb) / 1e6:.1f} MB, {_SEARCHES} searches: slowest {beside:.2f} s, "
                f"without them {usual:.2f} s{'' if busy else ' (a bomb ended before)'}"
            )


def in_a_folder(attack: Attack) -> None:
    """Index a folder with ten bombs of all kinds, and the same without them."""
    folder = attack.place / "pictures"
    pictures.write(folder, _PICTURES, first_seed=attack.dice.randrange(10**6))
    took = []
    some = attack.dice.sample(list(bombs.BOMBS.values()), _BOMBS - 3)
    refused = [build() for build, _ in some] + [bombs.precincts_of_a_pixel()]
    allowed = [build() for build in attack.dice.sample(list(_allowed_ones().values()), 2)]
    for number in range(2):
        program = Program(attack.place / f"home-{number}")
        started = time.monotonic()
        done = program("index", folder, "--json")
        took.append(time.monotonic() - started)
        answer = done.json
        rejected = len(answer["rejected"])
        right = (answer["added"], rejected) == (_PICTURES + number * len(allowed), number * len(refused))
        attack.tally.judge(right, f"{answer['added']} added, {rejected} rejected: {done.err[-300:]}")
        attack.tally.refused += rejected
        for place, data in enumerate(refused + allowed):
            (folder / f"bomb-{place}.jpg").write_bytes(data)
    attack.tally.figures.append(
        f"{_PICTURES} pictures: {took[0]:.1f} s; with {_BOMBS} bombs {took[1]:.1f} s, "
        f"{took[1] - took[0]:.1f} s more"
    )


def in_a_batch(attack: Attack) -> None:
    """Send a server 16 pictures at once: of the most pixels that are allowed, of more, of more than told."""
    program = _indexed(attack.place / "home", 20)
    batches = {  # how to build one, and how many must be refused
        "WebP of 10,900 x 10,900": (lambda: bombs.wide_webp(10_900), 16),
        "WebP of 7,300 x 7,300": (lambda: bombs.wide_webp(7_300), 0),
        "JPEG 2000 with a precinct per pixel": (bombs.precincts_of_a_pixel, 16),
        "GIF of a pixel, then 100 million": (lambda: _growing(10_000), 0),
    }
    with serving(program) as server:
        for name, (build, expected) in batches.items():
            files = [("files", ("a", build()))] * 16
            with _Peak(server) as peak:
                answer = httpx.post(f"{server.url}/v1/search/batch", files=files, timeout=HANG_GUARD)
            results = answer.json()["results"]
            refused = sum(result["problem"] is not None for result in results)
            attack.tally.refused += refused
            attack.tally.right += len(results) - refused
            right = answer.status_code == 200 and refused == expected
            attack.tally.judge(right, f"16 {name}: {answer.status_code}, {refused} refused")
            attack.tally.judge(peak.bytes < _MOST_MEMORY, f"{name}: {peak.bytes / 1e9:.2f} GB at its peak")
            attack.tally.figures.append(
                f"16 {name}: {refused} refused, peak {peak.bytes / 1e9:.2f} GB of the server and its "
                f"decoders, {peak.now() / 1e9:.2f} GB after"
            )


def _growing(side: int) -> bytes:
    """A GIF of one pixel whose later frames are large."""
    first = hostile.encoded(Image.new("P", (1, 1)), "GIF")
    return first[:-1] + bombs.gif_frame(Image.new("P", (side, side))) * 3 + b";"


def _allowed_ones() -> dict[str, Callable[[], bytes]]:
    """How to build those that pass all counting, and are ended by the limit of time if they take longer."""
    exif = [b"Exif\0\0" + bytes(65_000)] * 60
    return {
        "240 scans of 16 million pixels": lambda: hostile.scanned(
            hostile.encoded(hostile.photo(4000, 4000), "JPEG", progressive=True), 240
        ),
        "a PNG of 100 million pixels": lambda: hostile.png_bomb(10_000, bits=24, colours=2),
        "60 segments of Exif": lambda: hostile.with_segments(bombs.JPEG, 0xE1, exif),
        "99,000 chunks of text": lambda: _text(99_000),
        "90,000 strips": lambda: bombs.tiff_of(90_000, 1000),
        "a GIF of 100 million pixels": lambda: hostile.encoded(Image.new("P", (10_000, 10_000)), "GIF"),
        "a WebP of 53 million pixels": lambda: bombs.wide_webp(7_300),
        "a GIF of a pixel, then 100 million": lambda: _growing(10_000),
    }


def _text(chunks: int) -> bytes:
    png = hostile.encoded(hostile.photo(), "PNG")
    return png[:33] + hostile.png_chunk(b"zTXt", b"a\0\0" + b"x\x9c\x03\0\0\0\0\x01") * chunks + png[33:]


def _indexed(home: Path, count: int) -> Program:
    program = Program(home)
    pictures.write(program.home / "pictures", count)
    assert program("index", "pictures").code == 0
    return program


def _searches(server: Served, attack: Attack) -> float:
    """Let some search at once; the seconds that the slowest took."""
    data = [hostile.encoded(pictures.draw(number, 640, 480), "JPEG") for number in range(_SEARCHES)]

    def search(picture: bytes) -> float:
        started = time.monotonic()
        answer = httpx.post(f"{server.url}/v1/search", files={"file": picture}, timeout=HANG_GUARD)
        attack.tally.judge(answer.status_code == 200, f"a search beside bombs got {answer.status_code}")
        return time.monotonic() - started

    with ThreadPoolExecutor(_SEARCHES) as pool:
        return max(pool.map(search, data))


def _upload(server: Served, picture: bytes, way: str) -> int:
    field = {"images": "files", "search": "file"}[way]
    return httpx.post(f"{server.url}/v1/{way}", files=[(field, picture)], timeout=HANG_GUARD).status_code


class _Peak:
    """The most memory that a server and its decoders had together, looked at every 50 ms."""

    def __init__(self, server: Served) -> None:
        self._pid, self._stop = server.process.pid, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.bytes = 0

    def __enter__(self) -> _Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def now(self) -> int:
        """Resident bytes of all of them, what they share counted once (Pss in proc(5))."""
        total = 0
        for pid in (self._pid, *_children(self._pid)):
            try:
                status = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:  # it has ended
                continue
            total += sum(
                int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("Pss:")
            )
        return total

    def _look(self) -> None:
        while not self._stop.wait(0.05):
            self.bytes = max(self.bytes, self.now())


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task")
    return [int(child) for each in threads.iterdir() for child in (each / "children").read_text().split()]
