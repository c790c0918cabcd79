"""The file of tokens: what is kept, and when it is read again."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import threading
from pathlib import Path

import pytest

from lookalike.errors import DamagedError, NotFoundError, UsageError
from lookalike.web.tokens import Tokens, create_token, read_tokens, revoke_token


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def test_hashes_are_kept_and_tokens_are_not(path: Path) -> None:
    first, second = create_token(path, "ada", "search"), create_token(path, "ben", "admin")
    assert first != second
    assert min(len(first), len(second)) >= 43  # 32 bytes in base64
    text = path.read_text()
    assert first not in text
    assert second not in text
    assert hashlib.sha256(first.encode()).hexdigest() in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    known = Tokens(path)
    assert [(one.name, one.role) for one in read_tokens(path)] == [("ada", "search"), ("ben", "admin")]
    for token, name in ((first, "ada"), (second, "ben")):
        owner = known.owner(token)
        assert owner is not None
        assert owner.name == name
    for wrong in ("", "ada", first[:-1], first + second, known.owner(first).digest.hex()):  # type: ignore[union-attr]
        assert known.owner(wrong) is None


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "-", ".a", "é", "a" * 65, "a/b"])
def test_names_that_a_log_could_be_misled_by_are_refused(name: str, path: Path) -> None:
    with pytest.raises(UsageError, match="a token's name has"):
        create_token(path, name, "search")
    assert not path.exists()


def test_a_token_can_be_for_some_collections(path: Path) -> None:
    create_token(path, "ada", "search", ["trees", "teapots", "trees"])
    create_token(path, "ben", "admin")
    assert [one.collections for one in read_tokens(path)] == [("trees", "teapots"), None]
    for wrong in ("", "a/b", "é"):
        with pytest.raises(UsageError, match="a collection's name has"):
            create_token(path, "eve", "admin", [wrong])
    facts = json.loads(path.read_text())
    del facts["tokens"][1]["collections"]  # as files had it before there were any
    path.write_text(json.dumps(facts))
    assert read_tokens(path)[1].collections is None


def test_a_name_is_given_once_and_can_be_given_again_when_revoked(path: Path) -> None:
    old = create_token(path, "ada", "search")
    with pytest.raises(UsageError, match="already; revoke it first"):
        create_token(path, "ada", "admin")
    revoke_token(path, "ada")
    with pytest.raises(NotFoundError, match="no token called 'ada'"):
        revoke_token(path, "ada")
    new = create_token(path, "ada", "admin")
    known = Tokens(path)
    assert known.owner(old) is None
    assert known.owner(new) is not None


def test_changes_at_once_are_all_kept(path: Path) -> None:
    threads = [threading.Thread(target=create_token, args=(path, f"n{i}", "add")) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.name for one in read_tokens(path)} == {f"n{i}" for i in range(12)}


def test_what_changes_is_seen_and_what_breaks_lets_nobody_in(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = Tokens(path)
    assert not known.wanted
    token = create_token(path, "ada", "search")
    known.refresh()
    assert known.wanted
    assert known.owner(token) is not None
    good = path.read_bytes()
    logging.getLogger("lookalike.access").propagate = True
    for change in (lambda: path.write_text("{"), path.unlink):
        change()
        known.refresh()
        assert known.wanted
        assert known.owner(token) is None
    assert "no token is accepted" in caplog.text
    path.write_bytes(good)
    known.refresh()
    assert known.owner(token) is not None
    revoke_token(path, "ada")
    known.refresh()
    assert known.wanted  # an empty file lets nobody in, also after a restart
    assert Tokens(path).wanted
    assert known.owner(token) is None


def _facts(**change: object) -> dict[str, object]:
    token = {"name": "a", "role": "add", "sha256": "00" * 32, "created": ""}
    return {"format": "lookalike-tokens/1", "tokens": [{**token, **change}]}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        json.dumps({**_facts(), "format": "lookalike-tokens/2"}),
        json.dumps({"format": "lookalike-tokens/1", "tokens": [[]]}),
        *(json.dumps(_facts(**change)) for change in (
            {"role": "king"}, {"role": 1}, {"name": " a"}, {"name": 7},
            {"sha256": "00"}, {"sha256": "z" * 64}, {"collections": "trees"}, {"collections": [1]}
        )),
    ],
)  # fmt: skip
def test_what_is_no_file_of_tokens_is_refused(content: str, path: Path) -> None:
    path.write_text(json.dumps(_facts()))
    assert len(read_tokens(path)) == 1
    path.write_text(content)
    with pytest.raises(DamagedError, match="is no file of tokens"):
        read_tokens(path)


def test_a_file_that_is_not_there(path: Path) -> None:
    for ask in (read_tokens, lambda path: revoke_token(path, "ada")):
        with pytest.raises(NotFoundError, match="lookalike token create"):
            ask(path)
    assert list(path.parent.iterdir()) == []


def _of(count: int) -> bytes:
    one = {"role": "search", "sha256": "00" * 32, "created": ""}
    tokens = [{"name": f"name-{number}", **one} for number in range(count)]
    return json.dumps({"format": "lookalike-tokens/1", "tokens": tokens}).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[" * 100_000, "recursion"),
        (_of(1001), "more than 1,000 tokens"),
        (b" " * (1 << 20) + _of(1), "longer than 1,048,576 bytes"),
    ],
)
def test_a_file_that_would_cost_each_request_much_lets_nobody_in(
    content: bytes, reason: str, path: Path
) -> None:
    path.write_bytes(content)
    with pytest.raises(DamagedError, match=reason):
        read_tokens(path)
    known = Tokens(path)
    assert (known.wanted, known.owner("")) == (True, None)


def test_as_many_tokens_as_can_be_made_can_be_read(path: Path) -> None:
    path.write_bytes(_of(1000))
    assert len(read_tokens(path)) == 1000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(DamagedError, match="not a regular file"):
        read_tokens(path)


def test_a_link_that_leads_nowhere_lets_nobody_in(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "not yet there")
    known = Tokens(path)
    assert known.wanted
    token = create_token(tmp_path / "elsewhere", "ada", "search")
    (tmp_path / "elsewhere").rename(tmp_path / "not yet there")
    known.refresh()
    owner = known.owner(token)
    assert owner is not None
    assert owner.name == "ada"
