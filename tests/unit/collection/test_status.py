from __future__ import annotations

import random
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from inside import catalog, counts, stored
from lookalike import Collection, Progress, Settings
from lookalike.errors import DamagedError
from pictures import draw


class TestStatus:
    def test_it_tells_what_there_is(self, collection: Collection, folder: Path) -> None:
        empty = collection.status()
        assert (empty.images, empty.files, empty.embedder, empty.index) == (0, 0, None, "none")
        shutil.copy(folder / "picture-0000.png", folder / "copy.png")
        alone = folder.with_name("alone.png")
        draw(90).save(alone)
        collection.add([folder, alone])
        (folder / "copy.png").unlink()
        found = collection.status()
        assert (found.images, found.files) == (7, 8)
        assert (found.missing, found.missing_from) == ([folder / "copy.png"], [folder])
        assert found.roots == {alone: 1, folder: 7}
        assert found.fingerprint == collection.embedder.fingerprint
        assert found.index == "up to date"
        sizes = [path.stat().st_size for path in found.folder.rglob("*") if path.is_file()]
        assert found.bytes_on_disk == sum(sizes)

    def test_it_tells_how_far_the_index_is(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        draw(80).save(folder / "new.png")

        def stop(progress: Progress) -> None:
            if progress.done:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            collection.add([folder], on_progress=stop)
        assert collection.status().index == "behind"
        shutil.rmtree(collection.status().folder / "index")
        assert collection.status().index == "none"
        collection.add([folder])
        assert collection.status().index == "up to date"


class TestChecking:
    def test_a_sound_collection(self, filled: Collection) -> None:
        found = filled.check()
        assert (found.images, found.problems, found.repaired) == (len(filled), [], [])

    def test_an_empty_one(self, collection: Collection) -> None:
        found = collection.check()
        assert (found.images, found.problems, found.repaired) == (0, [], [])

    def test_a_damaged_cache_is_put_right(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        expected = collection.search(draw(0), 6)
        (cache,) = (collection.status().folder / "index").iterdir()
        content = bytearray(cache.read_bytes())
        content[-200] ^= 1
        cache.write_bytes(content)
        found = collection.check()
        assert found.problems == []
        assert [str(cache) in line for line in found.repaired] == [True]
        assert collection.check().repaired == []
        assert collection.search(draw(0), 6) == expected

    def test_what_it_advises_against_damaged_vectors_helps(self, settings: Settings, folder: Path) -> None:
        chance = random.Random(1)
        with Collection.open(create=True, settings=settings) as collection:
            collection.add([folder])
            ids, vectors = stored(collection)
            shutil.rmtree(settings.collection / "index")
            with closing(catalog(collection)) as connection, connection:
                for image_id in chance.sample(ids, 2):
                    broken = bytearray(vectors[ids.index(image_id)].tobytes())
                    broken[chance.randrange(len(broken))] ^= 64
                    connection.execute(
                        "UPDATE embeddings SET vector = ? WHERE image_id = ?", (bytes(broken), image_id)
                    )
        with Collection.open(settings=settings) as collection:
            with pytest.raises(DamagedError, match="run: lookalike verify"):
                collection.search(draw(0))
            found = collection.check()
            assert (found.images, len(found.problems)) == (6, 2)
            collection.remove([Path(line.rpartition("again: ")[2]) for line in found.problems])
            assert collection.check().problems == []
            assert counts(collection.add([folder])) == (2, 0, 4, 0, 0)
            for path in folder.iterdir():
                assert collection.search(path, 1)[0].path == path
