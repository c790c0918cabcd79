"""Decoding in other processes: the same pictures and errors, and an end to what takes too much."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pillow_jxl  # noqa: F401  # registers the writer
import pytest
import tifffile
from PIL import Image

import bombs
import hostile
from children import children, running, wait_until_working
from lookalike.errors import Busy, ImageTooLarge, LookalikeError, UnreadableImage, UsageError
from lookalike.images import Decoded, Limits, decode, room, worker
from lookalike.images.decoders import Decoders, large_ones_put_back
from lookalike.images.worker import PutBack
from waiting import HANG_GUARD

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")

PHOTO = hostile.encoded(hostile.photo(640, 480), "JPEG")
ENDLESS = hostile.png_bomb()  # 2.5 thousand million pixels
PATIENT = Limits(pixels=10**10, decode_seconds=HANG_GUARD)


@pytest.fixture(autouse=True)
def _none_of_earlier_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """To most tests here it matters when a process starts and ends, so that each pool has its own."""
    if "used_decoders" not in request.fixturenames:
        monkeypatch.setattr("lookalike.images.decoders.Worker", worker.Worker)


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    with Decoders(2) as pool:
        yield pool


@pytest.fixture
def used_decoders() -> Iterator[Decoders]:
    """For tests to which processes are as good that earlier ones started."""
    with Decoders(2) as pool:
        yield pool


def outcome(decoders: Decoders | None, data: bytes) -> tuple[object, ...]:
    """Everything that comes of some bytes, in this process or by way of decoders."""
    try:
        done = decoders.decode(data, limits=Limits()) if decoders else decode(data)
    except LookalikeError as error:
        return type(error), str(error)
    return done.image.mode, done.image.tobytes(), done.width, done.height, done.format, done.remark


def test_pictures_and_errors_are_those_of_this_process(used_decoders: Decoders, tmp_path: Path) -> None:
    files = [case.path for case in hostile.build(tmp_path) if case.path.is_file()]
    for data in [path.read_bytes() for path in files] + [PHOTO[:-900]]:
        assert outcome(used_decoders, data) == outcome(None, data)


def test_it_is_shrunk_as_it_is_here(used_decoders: Decoders) -> None:
    data = hostile.encoded(hostile.photo(1000, 800), "PNG")
    small = used_decoders.decode(data, limits=Limits(), at_least=100)
    assert small.image.tobytes() == decode(data, at_least=100).image.tobytes()
    assert (small.image.size, small.width, small.height) == ((250, 200), 1000, 800)


def test_large_files_that_are_cut_short_do_not_wait_for_each_other(
    used_decoders: Decoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes room for 17 million pixels, and then for twice as many, to read what there is two times."""
    monkeypatch.setattr(room, "_LARGE", room.Room(27_000_000))
    whole = hostile.encoded(Image.new("RGB", (4250, 4000), "teal"), "PNG", compress_level=1)
    cut = whole[: len(whole) * 9 // 10]
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: used_decoders.decode(cut, limits=Limits(), at_least=256), range(3)))
    assert {(one.width, one.height, one.remark) for one in done} == {(4250, 4000, done[0].remark)}
    assert "cut short" in done[0].remark


def test_limits_hold_there_as_well(used_decoders: Decoders) -> None:
    with pytest.raises(ImageTooLarge, match="640 x 480 pixels, above the limit of 1,000"):
        used_decoders.decode(PHOTO, limits=Limits(pixels=1000))
    with pytest.raises(ImageTooLarge, match="max_file_bytes"):
        used_decoders.decode(PHOTO, limits=Limits(file_bytes=1000))
    with pytest.raises(UsageError, match="at_least"):
        used_decoders.decode(PHOTO, limits=Limits(), at_least=0)


def test_many_threads_get_each_their_own_picture(used_decoders: Decoders) -> None:
    pictures = [hostile.encoded(hostile.photo(40 + number, 30), "PNG") for number in range(60)]
    broken = b"no picture"

    def width(data: bytes) -> int:
        try:
            return used_decoders.decode(data, limits=Limits()).width
        except UnreadableImage:
            return 0

    with ThreadPoolExecutor(8) as pool:
        widths = list(pool.map(width, [data for picture in pictures for data in (picture, broken)]))
    assert widths == [expected for number in range(60) for expected in (40 + number, 0)]


@linux
def test_processes_are_kept_and_no_more_than_wanted(decoders: Decoders) -> None:
    before = set(children())
    decoders.decode(PHOTO, limits=Limits())
    (first,) = set(children()) - before
    decoders.decode(PHOTO, limits=Limits())
    assert set(children()) - before == {first}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: decoders.decode(PHOTO, limits=Limits()), range(30)))
    assert len(set(children()) - before) <= 2
    decoders.close()
    assert set(children()) == before


def test_what_takes_too_long_is_refused_and_the_next_picture_works(decoders: Decoders) -> None:
    hasty = Limits(pixels=10**10, decode_seconds=0.2)
    for _ in range(2):
        with pytest.raises(UnreadableImage) as caught:
            decoders.decode(ENDLESS, limits=hasty)
        assert str(caught.value) == "took more than 0.2 s to decode (setting decode_seconds)"
    assert decoders.decode(PHOTO, limits=Limits()).width == 640


@linux
def test_what_takes_too_much_memory_is_refused_and_the_next_picture_works(decoders: Decoders) -> None:
    """Dark colours of 16 bits take 26 bytes per pixel, more than those may whose pixels are allowed."""
    file = io.BytesIO()
    dark = np.zeros((7000, 6000, 3), np.uint16)
    tifffile.imwrite(file, dark, photometric="rgb", compression="zlib", predictor=False)
    with pytest.raises(ImageTooLarge, match="a TIFF image that is too large to decode here"):
        decoders.decode(file.getvalue(), limits=Limits(pixels=42_000_000))
    assert decoders.decode(PHOTO, limits=Limits()).width == 640


@linux
def test_a_process_that_is_killed_costs_one_picture(decoders: Decoders) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(decoders.decode, ENDLESS, limits=PATIENT)
        (pid,) = wait_until_working()
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(UnreadableImage, match=r"^decoding it failed: .* ended by SIGKILL$"):
            waiting.result(HANG_GUARD)
    assert decoders.decode(PHOTO, limits=Limits()).width == 640


@linux
def test_a_process_that_is_killed_while_it_rests_costs_nothing(decoders: Decoders) -> None:
    before = set(children())
    for _ in range(3):
        decoders.decode(PHOTO, limits=Limits())
        for pid in set(children()) - before:
            os.kill(pid, signal.SIGKILL)
        while set(children()) - before:
            time.sleep(0.01)
    assert decoders.decode(PHOTO, limits=Limits()).width == 640


@linux
def test_closing_ends_what_is_decoded_and_what_waits() -> None:
    before = set(children())
    decoders = Decoders(2)
    with ThreadPoolExecutor(6) as pool:
        waiting: list[Future[Decoded]] = [
            pool.submit(decoders.decode, ENDLESS, limits=PATIENT) for _ in range(6)
        ]
        wait_until_working()
        decoders.close()
        for each in waiting:
            with pytest.raises(Busy):
                each.result(HANG_GUARD)
    assert set(children()) == before
    with pytest.raises(Busy):
        decoders.decode(PHOTO, limits=Limits())


@linux
def test_a_slow_picture_gives_way_to_others_if_that_is_wanted() -> None:
    decoders = Decoders(1, give_way=True)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(decoders.decode, ENDLESS, limits=PATIENT)
        (pid,) = wait_until_working()
        while os.getpriority(os.PRIO_PROCESS, pid) == os.getpriority(os.PRIO_PROCESS, 0):
            assert not waiting.done()
        decoders.close()
        with pytest.raises(Busy):
            waiting.result(HANG_GUARD)


def test_large_pictures_are_put_back_where_that_is_wanted(decoders: Decoders) -> None:
    large = hostile.png_bomb(5000)
    for _ in range(3):
        with large_ones_put_back():
            with pytest.raises(PutBack):
                decoders.decode(large, limits=Limits())
            assert decoders.decode(PHOTO, limits=Limits()).width == 640
        assert decoders.decode(large, limits=Limits(), at_least=64).width == 5000


def test_every_thread_ends() -> None:
    before = set(threading.enumerate())
    with Decoders(2) as decoders:
        decoders.decode(PHOTO, limits=Limits())
    assert set(threading.enumerate()) <= before


def test_there_must_be_one() -> None:
    with pytest.raises(UsageError, match="1 decoder or more"):
        Decoders(0)


@linux
def test_no_process_is_left_when_the_program_is_killed(tmp_path: Path) -> None:
    """Not even one that decodes: the end of its input or its time ends it."""
    code = """
import sys
from lookalike.images import Limits
from lookalike.images.decoders import Decoders, large_ones_put_back
from lookalike.images.worker import PutBack
from children import children
decoders = Decoders(1)
decoders.decode(open(sys.argv[1], "rb").read(), limits=Limits())
print(children()[0], flush=True)
sys.stdin.read()
"""
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "photo.jpg"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as program:
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        program.kill()
    end = time.monotonic() + HANG_GUARD
    while pid in running():
        assert time.monotonic() < end
        time.sleep(0.05)


_GREEDY = """
import sys
from lookalike.images.messages import receive, send
source, sink = open(0, "rb", buffering=0), open(1, "wb", buffering=0)
send(sink, {"ready": True})
receive(source, 1 << 40)
while True:
    send(sink, {"room": 3_000_000})
    receive(source, 0)
"""


def test_a_process_that_asks_for_room_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that a hostile picture has taken over could, with each request new time to go on."""
    monkeypatch.setattr(worker, "_START", "import sys; sys.path[:] = sys.argv[1:]\n" + _GREEDY)
    one = worker.Worker()
    try:
        with pytest.raises(UnreadableImage, match="the process that did ended by SIGKILL"):
            one.decode(PHOTO, Limits(), None)
    finally:
        one.close()


@linux
def test_a_picture_of_few_pixels_takes_little_memory_whatever_its_file_says(decoders: Decoders) -> None:
    """A JPEG 2000 file of 0.8 MB took 1.1 GB beside the sum that is bounded, as it has two million pixels."""
    with pytest.raises((ImageTooLarge, UnreadableImage)):
        decoders.decode(bombs.precincts_of_a_pixel(), limits=Limits())
    assert decoders.decode(PHOTO, limits=Limits()).width == 640


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "JPEG2000", "BMP", "JXL"])
def test_honest_pictures_of_many_pixels_have_the_memory_that_they_take(
    used_decoders: Decoders, form: str
) -> None:
    quick = {"AVIF": {"speed": 10}, "WEBP": {"method": 0}, "JXL": {"effort": 1}, "PNG": {"compress_level": 1}}
    options: dict[str, int] = quick.get(form, {})
    data = hostile.encoded(hostile.photo(3500, 2500), form, **options)
    decoded = used_decoders.decode(data, limits=Limits(), at_least=256)
    assert (decoded.width, decoded.height, decoded.remark) == (3500, 2500, "")
