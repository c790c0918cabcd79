"""Backups that are damaged, or have members that no backup has: restored as they were, or not at all."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
from shutil import rmtree

from tally import Attack

import pictures
from lookalike import Collection, LookalikeError
from lookalike.backups import back_up, restore
from program import Program

_NAMES = (
    "../evil", "/evil", "a/../../evil", "./evil", "a//evil", "C:evil", "a\\evil", "catalog.sqlite/evil",
    "uploads/../../evil", "evil/", "..", ".", "catalog.sqlite", "backup.json", "SHA256SUMS",
)  # fmt: skip
_TYPES = (
    tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE,
    tarfile.GNUTYPE_SPARSE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE,
)  # fmt: skip


def damaged(attack: Attack) -> None:
    """Restore them; nothing may be left of one that is refused, and nothing anywhere else."""
    program = Program(attack.place / "home")
    pictures.write(program.home / "pictures", 3)
    assert program("index", "pictures").code == 0
    archive = attack.place / "backup.tar"
    back_up(program.collection, archive)
    whole = archive.read_bytes()
    around = set(attack.place.rglob("*"))
    while attack.goes_on:
        place = attack.place / "restored"
        archive.write_bytes(_changed(whole, attack.dice))
        try:
            restored = restore(archive, place / "collection").images == 3
        except LookalikeError:
            attack.tally.refused += 1
            restored = False
        if restored:
            with Collection.open(place / "collection") as collection:
                attack.tally.judge(not collection.check().problems, "restored with damage")
        left = [] if restored else list(place.rglob("*"))
        rmtree(place, ignore_errors=True)
        left += set(attack.place.rglob("*")) - around
        if left:
            attack.tally.wrong.append(f"left: {left[:3]}")
            return


def _changed(whole: bytes, dice: random.Random) -> bytes:
    kind = dice.randrange(4)
    if kind == 0:
        return whole[: dice.randrange(len(whole))]
    if kind == 1:
        data = bytearray(whole)
        for _ in range(dice.choice((1, 1, 8))):
            data[dice.randrange(len(data)) if dice.random() < 0.5 else dice.randrange(512)] ^= (
                1 << dice.randrange(8)
            )
        return bytes(data)
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        members = [(info, (tar.extractfile(info) or io.BytesIO()).read()) for info in tar][:-1]
    added = tarfile.TarInfo(dice.choice(_NAMES) if kind == 2 else "evil")
    if kind == 3:
        added.type, added.linkname = dice.choice(_TYPES), "/etc/passwd"
    members.insert(dice.randrange(len(members) + 1), (added, b"x" if kind == 2 else b""))
    file = io.BytesIO()
    for info, content in [*members, (tarfile.TarInfo("SHA256SUMS"), _sums(members))]:
        info.size = len(content)
        file.write(info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512))
    return file.getvalue() + bytes(1024)


def _sums(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    lines = (f"{hashlib.sha256(content).hexdigest()}  {info.name}\n" for info, content in members)
    return "".join(lines).encode()
