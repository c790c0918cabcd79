"""Archives that are no backups, or no longer: one clear error each, and nothing is left of them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lookalike.backups import back_up, restore
from lookalike.errors import DamagedError, UsageError
from lookalike.store import Catalog, Database, FileRecord, FileStamp, NewImage, Recorder
from records import FINGERPRINT, records, sha256, vector

ABOUT = json.dumps({"format": 1, "program": "lookalike", "folder": "/collection"}).encode()
Member = tuple[tarfile.TarInfo, bytes]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A backup of a collection of five images, one of them uploaded."""
    folder = tmp_path / "collection"
    database = Database(folder / "catalog.sqlite", create=True)
    Recorder(database).claim("numbers", FINGERPRINT)
    Recorder(database).record(records(range(4)))
    upload = folder / "uploads" / f"{sha256(9).hex()}.jpg"
    upload.parent.mkdir()
    upload.write_bytes(b"picture")
    os.utime(upload, ns=(5, 1_700_000_000_123_456_789))
    image = NewImage(sha256(9), "JPEG", 640, 480, vector(9), FINGERPRINT)
    stamp = FileStamp(7, 1_700_000_000_123_456_789)
    Recorder(database).record([FileRecord(upload, upload, stamp, sha256(9), image)])
    database.close()
    (folder / "index").mkdir()
    (folder / "index" / "cache").write_bytes(b"can be made anew")
    (folder / "index" / "calibration.npz").write_bytes(b"measured")
    (folder / "duplicates.jsonl").write_bytes(b"{}\n")
    (folder / "uploads" / "other.jpg.7.partial").write_bytes(b"half")
    (folder / "link").symlink_to("/etc/passwd")
    back_up(folder, tmp_path / "backup.tar")
    return tmp_path / "backup.tar"


def member(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> Member:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content), kind, link
    return info, content


def members_of(archive: Path) -> list[Member]:
    with tarfile.open(archive) as tar:
        found = []
        for info in tar.getmembers():
            content = tar.extractfile(info)
            assert content is not None
            found.append((info, content.read()))
        return found


def sums_of(members: list[Member]) -> Member:
    """What the last member must say, computed from what lies before it."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {info.name}\n" for info, content in members]
    return member("SHA256SUMS", "".join(lines).encode())


def archive_of(members: list[Member]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def with_more(*more: Member) -> Callable[[Path], bytes]:
    """The good archive with further members, and right checksums."""

    def make(good: Path) -> bytes:
        members = [*members_of(good)[:-1], *more]
        return archive_of([*members, sums_of(members)])

    return make


def with_wrong_content(good: Path) -> bytes:
    members = members_of(good)
    info, content = members[1]
    members[1] = info, content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]
    return archive_of(members)


def with_size(field: bytes) -> Callable[[Path], bytes]:
    """The good archive whose catalog claims another size, in a header with a right checksum."""

    def make(good: Path) -> bytes:
        content = bytearray(good.read_bytes())
        header = content[1024:1536]
        header[124:136] = field
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        content[1024:1536] = header
        return bytes(content)

    return make


def with_pax(good: Path) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in members_of(good):
            info.pax_headers = {"comment": "x" * 5000}
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def with_newer_format(good: Path) -> bytes:
    return good.read_bytes().replace(b'"format": 1', b'"format": 2')


def with_another_program(good: Path) -> bytes:
    members = [member("backup.json", ABOUT), member("catalog.sqlite", b"no database" * 100)]
    return archive_of([*members, sums_of(members)])


def with_about(content: bytes) -> Callable[[Path], bytes]:
    """The good archive that says something else of itself, with right checksums."""

    def make(good: Path) -> bytes:
        members = [member("backup.json", content), *members_of(good)[1:-1]]
        return archive_of([*members, sums_of(members)])

    return make


def with_text_for_a_time(good: Path) -> bytes:
    """The good archive with a catalog in whose tables any column can hold anything."""
    changed = good.with_name("changed.sqlite")
    changed.write_bytes(members_of(good)[1][1])
    with closing(sqlite3.connect(changed)) as connection, connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("CREATE TABLE other AS SELECT * FROM files")
        connection.execute("UPDATE other SET mtime_ns = 'noon'")
        connection.execute("DROP TABLE files")
        connection.execute("ALTER TABLE other RENAME TO files")
    members = members_of(good)[:-1]
    members[1] = member("catalog.sqlite", changed.read_bytes())
    changed.unlink()
    return archive_of([*members, sums_of(members)])


HOSTILE: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "upwards": (with_more(member("../escaped", b"x")), "name '../escaped'"),
    "upwards inside": (with_more(member("uploads/../../escaped", b"x")), "which no backup has"),
    "absolute": (with_more(member("/tmp/escaped", b"x")), "name '/tmp/escaped'"),
    "backslash": (with_more(member("..\\escaped", b"x")), "which no backup has"),
    "drive": (with_more(member("C:escaped", b"x")), "which no backup has"),
    "no name": (with_more(member("", b"x")), "which no backup has"),
    "link": (with_more(member("a", kind=tarfile.SYMTYPE, link="/etc")), "no plain file"),
    "through a link": (
        with_more(member("a", kind=tarfile.SYMTYPE, link="/tmp"), member("a/escaped", b"x")),
        "no plain file",
    ),
    "hard link": (with_more(member("a", kind=tarfile.LNKTYPE, link="/etc/passwd")), "no plain file"),
    "device": (with_more(member("a", kind=tarfile.CHRTYPE)), "no plain file"),
    "folder": (with_more(member("a", kind=tarfile.DIRTYPE)), "no plain file"),
    "twice": (with_more(member("duplicates.jsonl", b"other")), "twice"),
    "file as folder": (with_more(member("duplicates.jsonl/a", b"x")), "cannot be restored"),
    "long name": (with_more(member("a" * 300, b"x")), "no plain file"),
    "further headers": (with_pax, "no plain file"),
    "wrong content": (with_wrong_content, "checksums"),
    "checksums missing": (lambda good: archive_of(members_of(good)[:-1]), "cut off"),
    "checksums of less": (
        lambda good: archive_of([*members_of(good)[:-1], sums_of(members_of(good)[:-2])]),
        "checksums",
    ),
    "no catalog": (
        lambda _: archive_of([member("backup.json", ABOUT), sums_of([member("backup.json", ABOUT)])]),
        "holds no collection",
    ),
    "no database": (with_another_program, "damaged"),
    "a terabyte": (with_size(b"\x80" + (1 << 40).to_bytes(11, "big")), "cut off"),
    "a negative size": (with_size(b"\xff" * 12), "no plain file"),
    "no number": (with_size(b"size........"), "is no backup"),
    "no JSON": (with_about(b"{"), "does not say what it is"),
    "not what it is": (with_about(b"[1]"), "does not say what it is"),
    "no folder": (with_about(b'{"format": 1, "folder": "\\ud800"}'), "does not say what it is"),
    "deep JSON": (with_about(b"[" * 60_000), "does not say what it is"),
    "long JSON": (with_about(b" " * 100_000), "is no backup"),
    "text for a time": (with_text_for_a_time, "catalog is damaged"),
    "compressed": (lambda good: gzip.compress(good.read_bytes()), "is no backup"),
    "empty": (lambda _: b"", "cut off, or is no backup"),
    "another tar": (lambda _: archive_of([member("a", b"x")]), "is no backup"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(name: str, good: Path, tmp_path: Path) -> None:
    make, words = HOSTILE[name]
    place = tmp_path / "place"
    place.mkdir()
    (place / "bad.tar").write_bytes(make(good))
    with pytest.raises((DamagedError, UsageError)) as told:
        restore(place / "bad.tar", place / "deep" / "restored")
    assert words in str(told.value)
    assert "\n" not in str(told.value)
    left = {path.relative_to(place).as_posix() for path in place.rglob("*")}
    assert left <= {"bad.tar", "deep"}
    assert not list(tmp_path.rglob("escaped"))


def test_an_archive_of_a_newer_program_is_refused(good: Path, tmp_path: Path) -> None:
    good.write_bytes(with_newer_format(good))
    with pytest.raises(UsageError, match="newer version"):
        restore(good, tmp_path / "restored")


def test_an_archive_that_is_cut_off_anywhere_is_refused(good: Path, tmp_path: Path) -> None:
    whole = good.read_bytes()
    cut = tmp_path / "cut.tar"
    for size in range(0, len(whole) - 1024, 4999):
        cut.write_bytes(whole[:size])
        with pytest.raises(DamagedError):
            restore(cut, tmp_path / "restored")
        assert {path.name for path in tmp_path.iterdir()} == {"backup.tar", "cut.tar", "collection"}


def test_what_is_restored_is_what_was_there(good: Path, tmp_path: Path) -> None:
    place = tmp_path / "restored"
    done = restore(good, place)
    assert (done.images, done.files) == (5, 4)
    assert {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()} == {
        "catalog.sqlite",
        "duplicates.jsonl",
        "index/calibration.npz",
        f"uploads/{sha256(9).hex()}.jpg",
    }
    database = Database(place / "catalog.sqlite", create=False)
    catalog = Catalog(database)
    image_id = catalog.image_of(sha256(9))
    assert image_id is not None
    (kept,) = catalog.paths_of(image_id)
    assert kept == place / "uploads" / f"{sha256(9).hex()}.jpg"
    assert kept.read_bytes() == b"picture"
    assert catalog.stamp(kept) == FileStamp(7, kept.stat().st_mtime_ns)
    assert catalog.paths(tmp_path / "collection") == []
    assert len(catalog.paths(Path("/pictures"))) == 4
    database.close()


def test_other_programs_can_check_it(good: Path) -> None:
    """Python's own reader of tar archives, and the format of ``sha256sum``."""
    *files, (last, sums) = members_of(good)
    assert last.name == "SHA256SUMS"
    assert sums == sums_of(files)[1]


@pytest.mark.parametrize("there", ["catalog.sqlite", "notes.txt"])
def test_nothing_that_is_there_is_replaced(there: str, good: Path, tmp_path: Path) -> None:
    place = tmp_path / "restored"
    place.mkdir()
    (place / there).write_bytes(b"mine")
    with pytest.raises(UsageError, match="there is something at"):
        restore(good, place)
    assert [path.name for path in place.iterdir()] == [there]


def test_an_empty_folder_may_be_there(good: Path, tmp_path: Path) -> None:
    (tmp_path / "restored").mkdir()
    assert restore(good, tmp_path / "restored").images == 5


def test_only_a_backup_is_replaced_by_a_backup(good: Path, tmp_path: Path) -> None:
    picture = tmp_path / "beach.jpg"
    picture.write_bytes(b"mine")
    with pytest.raises(UsageError, match="is no backup"):
        back_up(tmp_path / "collection", picture)
    assert picture.read_bytes() == b"mine"
    before = good.read_bytes()
    (tmp_path / "collection" / "duplicates.jsonl").write_bytes(b"{}\n{}\n")
    back_up(tmp_path / "collection", good)
    assert good.read_bytes() != before
    assert {path.name for path in tmp_path.iterdir()} == {"backup.tar", "beach.jpg", "collection"}


def test_a_backup_cannot_lie_in_its_own_collection(good: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot lie in the collection"):
        back_up(tmp_path / "collection", tmp_path / "collection" / "backup.tar")
    with pytest.raises(UsageError, match="cannot be written"):
        back_up(tmp_path / "collection", tmp_path / "nowhere" / "backup.tar")
