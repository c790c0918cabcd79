"""Collages of nine pictures that each have many copies: the dearest search that a small file can ask for.

Each panel is embedded, looked for and held against its copies, so one request does the work of ten.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from PIL import Image
from tally import Attack

import hostile
import pictures
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

_PANELS, _COPIES, _SIDE = 9, 12, 320
_SOME = 3  # panels that are found whatever is drawn: stripes may be taken for gaps
_CALLERS, _SEARCHES = 4, 5
_MOST_SECONDS = 60  # for a collage beside three others and five searches, on a slow machine


def beside_searches(attack: Attack) -> None:
    """Four callers send collages at once, and meanwhile five others search; every answer must be right."""
    program = Program(attack.place / "home")
    shown = [pictures.draw(attack.dice.randrange(10**6), _SIDE, _SIDE) for _ in range(_PANELS)]
    _write_copies(program.home / "pictures", shown)
    assert program("index", "pictures").code == 0
    with serving(program) as server:
        _search(server, shown[0])
        while attack.goes_on:
            collages = [_collage(attack.dice.sample(shown, _PANELS)) for _ in range(_CALLERS)]
            alone = _search(server, shown[0])
            with ThreadPoolExecutor(_CALLERS + _SEARCHES) as pool:
                asked = [pool.submit(_ask, server, collage, 100) for collage in collages]
                beside = list(pool.map(lambda image: _search(server, image), shown[:_SEARCHES]))
                answers = [each.result() for each in asked]
            for answer, seconds in answers:
                found = _copied(answer)
                attack.tally.judge(
                    answer.status_code == 200 and len(found) >= _SOME and seconds < _MOST_SECONDS,
                    f"a collage got {answer.status_code} in {seconds:.1f} s, and copies of {sorted(found)}",
                )
            attack.tally.judge(max(beside) < _MOST_SECONDS, f"a search beside took {max(beside):.1f} s")
            attack.tally.figures.append(
                f"{_CALLERS} collages at once: slowest {max(seconds for _, seconds in answers):.2f} s; "
                f"{_SEARCHES} searches beside: slowest {max(beside):.2f} s, one alone {alone:.2f} s"
            )


def _write_copies(folder: Path, images: list[Image.Image]) -> None:
    """Each picture several times, named by its number, as JPEG of falling quality."""
    folder.mkdir(parents=True)
    for number, image in enumerate(images):
        for copy in range(_COPIES):
            image.save(folder / f"{number}-{copy}.jpg", quality=95 - 4 * copy)


def _collage(images: list[Image.Image]) -> bytes:
    """Pictures side by side, three in a row, with gaps."""
    step = _SIDE + 8
    sheet = Image.new("RGB", (3 * step + 8, 3 * step + 8), "white")
    for place, image in enumerate(images):
        sheet.paste(image, (8 + place % 3 * step, 8 + place // 3 * step))
    return hostile.encoded(sheet, "JPEG")


def _ask(server: Served, picture: bytes, k: int) -> tuple[httpx.Response, float]:
    """The answer to a search, and the seconds until it came."""
    started = time.monotonic()
    answer = httpx.post(
        f"{server.url}/v1/search", files={"file": picture}, data={"k": str(k)}, timeout=HANG_GUARD
    )
    return answer, time.monotonic() - started


def _search(server: Served, image: Image.Image) -> float:
    """Search for one picture; the seconds until the answer came."""
    answer, seconds = _ask(server, hostile.encoded(image, "JPEG"), 10)
    assert answer.status_code == 200, answer.text
    return seconds


def _copied(answer: httpx.Response) -> set[int]:
    """The numbers of the pictures that matches called copies show."""
    if answer.status_code != 200:
        return set()
    return {
        int(Path(path).name.partition("-")[0])
        for match in answer.json()["matches"]
        if match["verdict"] in ("identical", "copy")
        for path in match["paths"]
    }
