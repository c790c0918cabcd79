"""``lookalike hash --key``: hashes that only the owner of the key can make."""

from __future__ import annotations

import os

from lookalike import Hasher
from lookalike.collection.keys import seed_of
from pictures import write
from program import Program


def test_hashes_depend_on_the_key_alone(program: Program) -> None:
    (path,) = write(program.home / "pictures", 1)
    keys = [program.home / name for name in ("ours.key", "theirs.key")]
    for key in keys:
        key.write_bytes(os.urandom(32))
    answers = [program.here("hash", path, "--key", key, "--json").json for key in (keys[0], keys[1], keys[0])]
    hashes = [answer["hashes"][0]["hash"] for answer in answers]
    assert hashes[0] == hashes[2] == Hasher(seed=seed_of(keys[0])).hash(path)
    assert hashes[0] != hashes[1] == Hasher(seed=seed_of(keys[1])).hash(path)
    assert [answer["seed"] for answer in answers] == [None] * 3
    for options in (["--seed", "5"], ["--compare"], ["--pdq"]):
        refused = program.here("hash", path, path, "--key", keys[0], *options)
        assert refused.code == 2, options
        assert "goes with" in refused.err
