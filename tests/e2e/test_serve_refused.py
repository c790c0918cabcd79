"""A served collection whose disk is full, and one whose catalog is exchanged for another file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hostile import encoded
from lookalike import Collection
from pictures import draw, write
from program import Program
from served import Served, serving


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of 8 MB at a folder, where this user may mount one."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(file: Path) -> None:
    with suppress(OSError), file.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


def upload(server: Served, data: bytes) -> tuple[int, dict[str, object]]:
    answer = server.client.post("/v1/images", files={"files": ("new.png", data)})
    return answer.status_code, answer.json()


def test_a_full_disk_is_named_and_nothing_is_acknowledged(program: Program) -> None:
    new = encoded(draw(50), "PNG")
    known = write(program.home / "pictures", 3)[0].read_bytes()
    with small_disk(program.collection):
        assert program.here("index", "pictures").code == 0
        ballast = program.collection / "ballast"
        with serving(program) as server:
            assert server.search(known, k=1)["images"] == 3  # it has opened the collection
            fill(ballast)
            for data in (new, known):
                status, problem = upload(server, data)
                assert (status, problem["type"]) == (507, "urn:lookalike:problem:storage-error"), problem
                assert "no room is left for" in str(problem["detail"]) or "No space left" in str(
                    problem["detail"]
                )
            assert server.search(known, k=1)["images"] == 3
            assert not list((program.collection / "uploads").glob("*.png"))
            ballast.unlink()
            for data, fresh in ((new, True), (known, False)):
                status, answer = upload(server, data)
                assert (status, answer["added"][0]["new"]) == (200, fresh)  # type: ignore[index]
        with Collection.open(program.collection) as collection:
            assert (collection.check().problems, collection.check().leftovers) == ([], [])


def test_a_catalog_that_is_put_back_is_served_and_written_to(program: Program) -> None:
    write(program.home / "pictures", 3)
    assert program.here("index", "pictures").code == 0
    catalog = program.collection / "catalog.sqlite"
    backup = program.collection.with_name("backup.sqlite")
    shutil.copyfile(catalog, backup)
    with serving(program) as server:
        upload(server, encoded(draw(50), "PNG"))
        assert server.search(1)["images"] == 4
        backup.replace(catalog)
        assert server.search(1)["images"] == 3
        assert server.client.get("/v1/stats").json()["images"] == 3
        assert upload(server, encoded(draw(51), "PNG"))[0] == 200
        assert server.search(encoded(draw(51), "PNG"), k=1)["images"] == 4
    with Collection.open(program.collection) as collection:
        assert (len(collection), collection.check().problems) == (4, [])
