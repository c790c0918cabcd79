"""The list of images, held against the catalog and the files themselves."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hostile import encoded
from lookalike import Client, errors
from pictures import draw, write
from program import Program
from served import Served, serving

COUNT = 9


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Two folders; each file was changed an hour after the one before it."""
    made = Program(tmp_path_factory.mktemp("listed"))
    paths = write(made.home / "old", 5) + write(made.home / "new" / "deeper", COUNT - 5, first_seed=5)
    for hour, path in enumerate(paths):
        os.utime(path, (hour * 3600, hour * 3600))
    assert made.here("index", "old", "new").code == 0
    return made


@pytest.fixture(scope="module")
def server(program: Program) -> Iterator[Served]:
    with serving(program) as running:
        yield running


def files(program: Program) -> list[Path]:
    return [*(program.home / "old").iterdir(), *(program.home / "new" / "deeper").iterdir()]


def pages(server: Served, **asked: Any) -> list[list[dict[str, Any]]]:
    found = []
    while True:
        answer = server.client.get("/v1/images", params=asked)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["images"])
        asked["cursor"] = answer.json()["next"]
        if asked["cursor"] is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 4, 9, 1000])
def test_every_image_is_on_one_page(limit: int, server: Served, program: Program) -> None:
    found = pages(server, limit=limit)
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert 1 <= len(found[-1]) <= limit
    listed = [image for page in found for image in page]
    assert [image["image_id"] for image in listed] == list(range(1, COUNT + 1))
    assert {image["paths"][0] for image in listed} == {str(path) for path in files(program)}
    for image in listed:
        path = Path(image["paths"][0])
        with Image.open(path) as file:
            size, kind = file.size, file.format
        assert image == {
            "image_id": image["image_id"],
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "format": kind,
            "width": size[0],
            "height": size[1],
            "paths": [str(path)],
            "bytes": path.stat().st_size,
            "modified": f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "name": path.name,
            "metadata": {},
            "tags": [],
            "thumbnail": f"/v1/images/{image['image_id']}/thumbnail",
        }


def test_filters_choose_as_the_files_say(server: Served, program: Program) -> None:
    sizes = sorted(path.stat().st_size for path in files(program))
    low, high = sizes[2], sizes[6]
    for asked, fits in (
        ({"folder": str(program.home / "new")}, lambda path: "new" in path.parts),
        ({"folder": str(program.home / "new" / "deeper")}, lambda path: "deeper" in path.parts),
        ({"since": "1970-01-01T02:00:00Z"}, lambda path: path.stat().st_mtime >= 7200),
        ({"until": "1970-01-01T02:00:00"}, lambda path: path.stat().st_mtime < 7200),
        ({"since": "1970-01-01T05:00:00+02:00", "until": "2000-01-01"},
         lambda path: path.stat().st_mtime >= 3 * 3600),
        ({"min_bytes": low, "max_bytes": high}, lambda path: low <= path.stat().st_size <= high),
        ({"format": "png"}, lambda path: path.suffix == ".png"),
        ({"format": "JPEG", "folder": str(program.home / "old")},
         lambda path: path.suffix == ".jpg" and "old" in path.parts),
        ({"format": ".jpg"}, lambda path: path.suffix == ".jpg"),
        ({"format": "TIFF"}, lambda _: False),
    ):  # fmt: skip
        wanted = {str(path) for path in files(program) if fits(path)}
        found = [image["paths"][0] for page in pages(server, limit=2, **asked) for image in page]
        assert set(found) == wanted, asked
        assert len(found) == len(wanted)
        with Client(server.url) as client:
            typed = {k: datetime.fromisoformat(v) if k in ("since", "until") else v for k, v in asked.items()}
            assert [str(image.paths[0]) for image in client.images(**typed)] == found


def test_a_client_gives_what_is_said_of_an_image(server: Served) -> None:
    added = server.client.post(
        "/v1/images",
        files=[("files", ("sea.png", encoded(draw(41), "PNG")))],
        data={"tags": ["sea", "blue"], "metadata": '{"shop": 12}'},
    ).json()["added"][0]["image_id"]
    with Client(server.url) as client:
        (image,) = client.images(tag="sea")
    assert (image.image_id, image.name, image.metadata, image.tags) == (
        added, "sea.png", {"shop": 12}, ("blue", "sea"),
    )  # fmt: skip
    assert server.client.delete(f"/v1/images/{added}").status_code == 204


def test_pages_stand_while_images_come_and_go(server: Served) -> None:
    first = server.client.get("/v1/images?limit=4").json()
    new = [("files", encoded(draw(seed), "PNG")) for seed in (31, 32)]
    added = [each["image_id"] for each in server.client.post("/v1/images", files=new).json()["added"]]
    # The image on which the page ended goes; the next page begins after its id all the same.
    ended = first["images"][-1]["image_id"]
    assert server.client.delete(f"/v1/images/{added[0]}").status_code == 204
    rest = [image["image_id"] for page in pages(server, limit=4, cursor=first["next"]) for image in page]
    assert rest == [*range(ended + 1, COUNT + 1), added[1]]
    cursor = server.client.get(f"/v1/images?limit={COUNT}").json()["next"]
    assert server.client.delete(f"/v1/images/{added[1]}").status_code == 204
    assert server.client.get("/v1/images", params={"cursor": cursor}).json() == {"images": [], "next": None}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"limit": 0}, "limit: "),
        ({"limit": 1001}, "limit: "),
        ({"cursor": "5"}, "cursor: "),
        ({"cursor": "YWZ0ZXI6MDU"}, "cursor: "),
        ({"cursor": "é"}, "cursor: "),
        ({"folder": "/etc"}, "no picture of the collection lies in"),
        ({"since": "soon"}, "since: "),
        ({"since": "2024"}, "since: must be a day or a time, as 2024-05-01"),
        ({"until": " 1714521600.5"}, "until: must be a day or a time, as 2024-05-01"),
        ({"min_bytes": -1}, "min_bytes: "),
        ({"max_bytes": 2**63}, "max_bytes: "),
        ({"format": "jpgg"}, "no format 'jpgg'; there are JPEG, PNG"),
        ({"format": "%"}, "no format '%'"),
        ({"min_byte": 1}, "did you mean min_bytes?"),
    ],
)
def test_what_is_wrong_is_said(asked: dict[str, Any], said: str, server: Served) -> None:
    answer = server.client.get("/v1/images", params=asked)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_the_client_says_what_is_wrong(server: Served) -> None:
    with Client(server.url) as client:
        with pytest.raises(TypeError, match="unexpected keyword argument 'tags'"):
            list(client.images(tags="x"))  # type: ignore[call-arg]
        with pytest.raises(errors.UsageError, match="no picture of the collection"):
            list(client.images(folder="/etc"))
    with pytest.raises(errors.UsageError, match="is closed"):
        list(client.images())


def test_the_client_filters_by_what_is_said(server: Served) -> None:
    for number in (2, 3, 4):
        said = {"metadata": {"shop": number % 2, "open": True}, "tags": ["kept", f"n{number}"]}
        assert server.client.patch(f"/v1/images/{number}", json=said).status_code == 200
    with Client(server.url) as client:
        found = list(client.images(tag=["kept"], meta={"shop": 0, "open": True}))
        assert [image.image_id for image in found] == [2, 4]
        assert [image.annotation.tags for image in found] == [("kept", "n2"), ("kept", "n4")]
        assert found[0].annotation.metadata == {"shop": 0, "open": True}
        assert found[0].name == found[0].paths[0].name
        assert [image.image_id for image in client.images(tag="n3")] == [3]
        assert list(client.images(tag="n9")) == []
