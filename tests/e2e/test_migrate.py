"""The commands of docs/migrate.md as printed, over what the other programs' own libraries write."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike import Collection, Settings
from lookalike.collection.questions import Question
from pictures import write
from program import Program
from typed import run_typed

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "migrate.md").read_text(encoding="utf-8")
COUNT, DIM = 9, 32

Vectors = NDArray[np.float32]
Prepare = Callable[[Path, list[str], Vectors], None]


def block(language: str, heading: str = "# Coming from another program") -> str:
    section = re.split(r"^#+ .+\n", PAGE.partition(f"{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def names(program: Program) -> list[str]:
    return [path.name for path in write(program.home / "Pictures", COUNT)]


def drawn() -> Vectors:
    vectors = np.random.default_rng(8).normal(size=(COUNT, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def found_by(program: Program, name: str) -> list[str]:
    """What is nearest to an image of the collection, the nearest first."""
    with Collection.open(program.collection, settings=Settings()) as collection:
        ids = {path.name: image_id for image_id, path in collection.images()}
        assert len(ids) == COUNT
        query = collection.bases.query_of(ids[name])
        return [match.path.name for match in collection.answer(query, Question(COUNT)).matches]


def nearest(names: list[str], vectors: Vectors, name: str) -> list[str]:
    row = vectors[names.index(name)]
    return [names[i] for i in np.argsort(-(vectors @ row), kind="stable")]


def flat(home: Path, names: list[str], vectors: Vectors) -> None:
    faiss = pytest.importorskip("faiss")
    index = faiss.IndexFlatIP(DIM)
    index.add(vectors)
    faiss.write_index(index, str(home / "photos.index"))
    (home / "paths.json").write_text(json.dumps(names))


def with_ids(home: Path, names: list[str], vectors: Vectors) -> None:
    faiss = pytest.importorskip("faiss")
    index = faiss.IndexIDMap(faiss.IndexFlatL2(DIM))
    ids = np.arange(COUNT)[::-1] * 10 + 7
    index.add_with_ids(vectors, ids)
    faiss.write_index(index, str(home / "photos.index"))
    (home / "paths.json").write_text(json.dumps(dict(zip(map(str, ids.tolist()), names, strict=True))))


def inverted(home: Path, names: list[str], vectors: Vectors) -> None:
    faiss = pytest.importorskip("faiss")
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(DIM), DIM, 1)
    index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(home / "photos.index"))
    (home / "paths.json").write_text(json.dumps(names))


def clip_retrieval(home: Path, names: list[str], vectors: Vectors) -> None:
    """In parts, eleven of which one could sort as 0, 1, 10, 2."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    for folder in ("img_emb", "metadata"):
        (home / "embeddings" / folder).mkdir(parents=True)
    for part, start in zip((0, 2, 10), range(0, COUNT, 3), strict=True):
        some = slice(start, start + 3)
        np.save(home / "embeddings" / "img_emb" / f"img_emb_{part}.npy", vectors[some].astype(np.float16))
        paths = [str(home / "Pictures" / name) for name in names[some]]
        table = pyarrow.table({"image_path": paths, "caption": ["a"] * 3})
        parquet.write_table(table, home / "embeddings" / "metadata" / f"metadata_{part}.parquet")


def imagededup(home: Path, names: list[str], vectors: Vectors) -> None:
    with (home / "encodings.json").open("w") as file:
        json.dump(
            dict(zip(names, vectors, strict=True)), file, default=lambda vector: vector.tolist()
        )  # as the script's own text says


@pytest.mark.parametrize(
    ("heading", "prepare"),
    [
        ("## From faiss", flat),
        ("## From faiss", with_ids),
        ("## From faiss", inverted),
        ("## From clip-retrieval", clip_retrieval),
        ("## From imagededup", imagededup),
    ],
    ids=["faiss flat", "faiss with ids", "faiss inverted", "clip-retrieval", "imagededup"],
)
def test_a_collection_moves_in(heading: str, prepare: Prepare, program: Program, names: list[str]) -> None:
    vectors = drawn()
    prepare(program.home, names, vectors)
    run_typed(program, block("console", heading))
    for name in (names[0], names[7]):
        assert found_by(program, name) == nearest(names, vectors, name)


def test_hashes_move_in_as_signs(program: Program, names: list[str]) -> None:
    """The order by bits that differ, which no two of these hashes share."""
    hashes = [f"{(1 << (6 * i)) - 1:016x}" for i in range(COUNT)]
    (program.home / "encodings.json").write_text(json.dumps(dict(zip(names, hashes, strict=True))))
    run_typed(program, block("console", "## From imagededup"))
    assert found_by(program, names[0]) == names
    assert found_by(program, names[8]) == names[::-1]


def test_a_search_by_a_vector(program: Program, names: list[str]) -> None:
    vectors = drawn()
    np.save(program.home / "vectors.npy", vectors * 5)
    (program.home / "ids.txt").write_text("\n".join(names))
    run_typed(program, block("console"))
    done = subprocess.run(
        [sys.executable, "-c", block("python")],
        cwd=program.home,
        env=program.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"{rank} {name}" for rank, name in enumerate(nearest(names, vectors, names[0])[:3], start=1)
    ]
