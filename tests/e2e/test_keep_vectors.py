"""A collection that keeps vectors: what it can do, and that nothing else is in any of its files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from hostile import encoded
from lookalike import Client
from pictures import draw, write
from program import Program
from served import serving

FOLDER = "Zanzibar-1987"
UPLOAD = "Kilimanjaro.jpg"


@pytest.fixture
def kept(program: Program) -> Program:
    """Six pictures indexed, and one that is none."""
    write(program.home / FOLDER, 6)
    (program.home / FOLDER / "broken.jpg").write_bytes(b"no picture at all")
    done = program.here("index", FOLDER, "--keep", "vectors")
    assert done.code == 1, done.err
    assert "6 images added" in done.out
    return program


def name_of(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def told(collection: Path, pictures: list[bytes], words: list[str]) -> set[str]:
    """Which names, parts of pictures and starts of JPEG files lie in any file of a collection, as bytes."""
    wanted = {word: word.encode() for word in words}
    wanted |= {f"picture {i}": data[len(data) // 2 :][:48] for i, data in enumerate(pictures)}
    wanted |= {"a JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF"}
    files = [path for path in collection.rglob("*") if path.is_file()]
    content = b"\0".join(str(path.relative_to(collection)).encode() + path.read_bytes() for path in files)
    return {name for name, part in wanted.items() if part in content}


def use(program: Program, upload: bytes) -> dict[str, set[str]]:
    """Do everything that could leave something; what was found in the files while the server ran, and after.

    Its log is there while it runs.
    """
    names = [path.name for path in (program.home / FOLDER).iterdir()]
    words = [FOLDER, str(program.home), UPLOAD, *names]
    pictures = [path.read_bytes() for path in sorted((program.home / FOLDER).glob("picture*"))] + [upload]
    assert program.here("bank", "create", "known").code == 0
    assert program.here("bank", "add", "known", FOLDER, "-q").code == 1  # one is broken
    assert program.here("search", f"{FOLDER}/picture-0001.jpg", "--json").code == 0
    with serving(program) as server:
        added = server.client.post("/v1/images", files={"files": (UPLOAD, upload)})
        assert added.status_code == 200, added.text
        image = added.json()["added"][0]["image_id"]
        said = server.client.patch(f"/v1/images/{image}", json={"name": UPLOAD, "metadata": {"shop": 12}})
        assert said.json()["metadata"] == {"shop": 12}
        assert server.search(upload)["matches"][0]["image_id"] == image
        found = {"meanwhile": told(program.collection, pictures, words)}
        assert (program.collection / "catalog.sqlite-wal").stat().st_size > 0
    found["after"] = told(program.collection, pictures, words)
    return found


def test_no_path_no_name_and_no_picture_is_in_any_file(kept: Program, tmp_path: Path) -> None:
    upload = encoded(draw(77), "JPEG")
    assert use(kept, upload) == {"meanwhile": set(), "after": set()}
    assert not list(kept.collection.glob("uploads/*"))
    # One that keeps everything shows that they would have been found.
    other = Program(tmp_path / "other")
    write(other.home / FOLDER, 6)
    (other.home / FOLDER / "broken.jpg").write_bytes(b"no picture at all")
    assert other.here("index", FOLDER).code == 1
    found = use(other, upload)["after"]
    assert {FOLDER, UPLOAD, "picture 6", "a JPEG", "broken.jpg", "picture-0003.png"} <= found


def test_pictures_are_found_by_the_digest_of_their_bytes(kept: Program) -> None:
    files = sorted((kept.home / FOLDER).glob("picture*"))
    found = kept.here("search", files[1], "--json").json["matches"][0]
    assert (found["verdict"], found["path"], found["missing"]) == ("identical", name_of(files[1]), [])
    edited = kept.home / "edited.jpg"
    draw(1).resize((90, 68)).save(edited)
    near = kept.here("search", edited, "--json").json["matches"][0]
    assert (near["path"], near["evidence"], near["verdict"]) == (name_of(files[1]), None, "similar")
    again = kept.here("index", FOLDER, "--json").json
    assert (again["added"], again["unchanged"], again["images"]) == (0, 6, 6)
    state = kept.here("status", "--json").json
    assert (state["keeps"], state["images"], state["roots"], state["missing"]) == ("vectors", 6, {}, [])
    assert "keeps        vectors: neither paths nor small pictures\n" in kept.here("status").out
    assert kept.here("verify").code == 0
    assert kept.here("remove", name_of(files[1]), "--forever").code == 0
    assert kept.here("index", FOLDER, "--json").json["unwanted"] == 1
    assert kept.here("remove", "--undo", files[1]).code == 0
    assert kept.here("index", FOLDER, "--json").json["added"] == 1
    lost = kept.here("remove", files[2])
    assert (lost.code, "nothing in the collection lies at" in lost.err) == (3, True)


def test_banks_work_and_report_bytes_and_hashes(kept: Program) -> None:
    known = kept.home / FOLDER / "picture-0001.jpg"
    assert kept.here("bank", "create", "known").code == 0
    assert kept.here("bank", "add", "known", known, "--json").json["added"][0]["known"] is True
    assert kept.here("check", known).code == 6
    moved = kept.home / "moved.jpg"
    moved.write_bytes(known.read_bytes())
    checked = json.loads(kept.here("check", moved, "--json").out)
    assert checked["results"][0]["verdict"] == "identical"
    assert checked["results"][0]["matches"][0]["match"]["path"] == name_of(known)
    edited = kept.home / "edited.jpg"  # by its vector alone it is only similar
    draw(1).resize((90, 68)).save(edited)
    assert kept.here("check", edited).code == 0
    assert kept.here("bank", "set", "known", "--rule", "similar").code == 0
    reported = json.loads(kept.here("check", edited, "--json").out)["results"][0]
    assert (reported["reported"], reported["verdict"]) == (True, "similar")


def test_what_needs_files_is_refused_in_one_line(kept: Program) -> None:
    said = kept.home / "said.jsonl"
    said.write_text('{"path": "a.jpg", "tags": ["sea"]}\n')
    assert kept.here("bank", "create", "known").code == 0
    assert kept.here("bank", "add", "known", FOLDER, "-q").code == 1
    known = kept.home / FOLDER / "picture-0001.jpg"
    for what, command in {
        "--prune": ("index", FOLDER, "--prune"),
        "watch": ("watch", FOLDER),
        "reembed": ("reembed", "--model", "histogram"),
        "the search for duplicates": ("duplicates",),
        "a file that says what pictures are": ("index", FOLDER, "--metadata", said),
        "review": ("check", known, "--keep"),
    }.items():
        done = kept.here(*command)
        assert done.code == 2, (command, done)
        assert f"lookalike: {what} needs " in done.err
        assert done.err.strip().endswith("this collection keeps vectors alone"), done.err
    changed = kept.here("index", FOLDER, "--keep", "all")
    assert (changed.code, "cannot be changed" in changed.err) == (2, True)
    with serving(kept) as server:
        kept_back = server.client.post(
            "/v1/check", data={"keep": "true"}, files={"file": ("a.jpg", known.read_bytes())}
        )
        for answer in (server.client.get("/v1/duplicates"), kept_back):
            assert answer.status_code == 422, answer.text
            assert "keeps vectors alone" in answer.json()["detail"]
        listed = server.client.get("/v1/images?limit=1").json()["images"][0]
        assert (listed["bytes"], listed["modified"]) == (None, None)
        assert server.client.get(listed["thumbnail"]).status_code == 404
        with Client(server.url) as client:
            assert [(one.bytes, one.modified) for one in client.images()] == 6 * [(None, None)]
            assert client.search(known)[0].path == Path(name_of(known))
        found = server.search(known.read_bytes())["matches"][0]
        assert (found["bytes"], found["modified"], found["verdict"]) == (None, None, "identical")
        assert server.client.get("/v1/stats").json()["folders"] == []
        assert server.client.delete(f"/v1/images/{found['image_id']}").status_code == 204
