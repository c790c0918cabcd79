"""The catalog verified: its file, the references in it, and the checksums of its rows and vectors."""

from __future__ import annotations

import re
from pathlib import Path

from lookalike.errors import RESTORE
from lookalike.paths import shown
from lookalike.store.annotations import Annotations
from lookalike.store.audit import AuditLog
from lookalike.store.cases import Cases
from lookalike.store.catalog import Catalog
from lookalike.store.contents import Contents
from lookalike.store.database import Database
from lookalike.store.disabled_entries import DisabledEntries
from lookalike.store.encoding import is_sound, is_usable, to_path
from lookalike.store.entry_metadata import EntryMetadata
from lookalike.store.hash_keys import HashKeys
from lookalike.store.log import told
from lookalike.store.migrations import MIGRATIONS

_TABLES = tuple(re.findall(r"CREATE TABLE (\w+)", "".join(MIGRATIONS)))
_REMEDY = "put right what can be with: lookalike verify --repair"


def problems_in(database: Database) -> list[str]:
    """Everything that is wrong with a catalog's file, a line each; empty if all is well.

    Raises:
        DamagedError: it cannot be read at all, or a table is missing.
    """
    for table in _TABLES:
        database.row(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608  names of ours
    found = [f"catalog: {text}" for (text,) in database.rows("PRAGMA integrity_check") if text != "ok"]
    found += [
        f"catalog: row {row} of {table} belongs to no row of {parent}; {RESTORE}"
        for table, row, parent, _ in database.rows("PRAGMA foreign_key_check")
    ]
    found += [
        f"catalog: {told(*loss)}; index again what was added then, then run: lookalike verify --repair"
        for loss in database.rows("SELECT noticed, commits FROM losses")
    ]
    lost = database.rows("SELECT id FROM images WHERE id NOT IN (SELECT image_id FROM files)")
    found += [f"catalog: image {image_id} lies in no file; index its files again" for (image_id,) in lost]
    for image_id, reason in damaged_images(database).items():
        paths = ", ".join(shown(path) for path in Catalog(database).paths_of(image_id))
        found.append(f"{reason}; {_REMEDY}, or lookalike remove, then index again: {paths}")
    found += [
        f"what is stored of the file {shown(path)} is damaged; {_REMEDY}" for path in damaged_files(database)
    ]
    found += [
        f"the small picture of image {image_id} is damaged; {_REMEDY}" for image_id in damaged_small(database)
    ]
    found += [
        f"change {number} of the catalog is damaged; {_REMEDY}" for number in damaged_revisions(database)
    ]
    found += [
        f"which embedder made the vectors is damaged ({name}); {RESTORE}" for name in _damaged_facts(database)
    ]
    unwanted = database.rows("SELECT path FROM unwanted WHERE checksum IS NOT checksum_of(sha256, path)")
    found += [
        f"what keeps out {shown(to_path(path))} is damaged; lookalike remove --undo, then --forever again"
        for (path,) in unwanted
    ]
    return found + _damaged_finds(database) + _damaged_sayings(database)


def _damaged_finds(database: Database) -> list[str]:
    """Landmarks and panels that are not what was stored: searches pass them over, and find fewer copies."""
    landmarks = database.number(
        "SELECT count(*) FROM landmarks WHERE checksum IS NOT checksum_of(image_id, rules, data)"
    )
    panels = database.number(
        "SELECT count(*) FROM panels "
        "WHERE checksum IS NOT checksum_of(image_id, CAST(fingerprint AS BLOB), rules, data)"
    )
    return [
        f"of the images' {name} {count} are damaged; find them again: lookalike index, of any indexed folder"
        for name, count in (("landmarks", landmarks), ("panels", panels))
        if count
    ]


def _damaged_sayings(database: Database) -> list[str]:
    """Decisions, annotations and entries of banks, which people made, that are not what was stored."""
    found = []
    decided = database.number(
        "SELECT count(*) FROM decisions "
        "WHERE checksum IS NOT checksum_of(first, second, CAST(decision AS BLOB))"
    )
    if decided:
        found.append(
            f"of the decisions about duplicates {decided} are damaged; forget them, and take them again: "
            "lookalike duplicates --forget-decisions"
        )
    if said := Annotations(database).damaged():
        found.append(f"what is said of {said} images is damaged; forget it with: lookalike verify --repair")
    return [*found, *_problems_of_banks(database)]


def _problems_of_banks(database: Database) -> list[str]:
    """What is wrong with banks, the cases that they led to, and the log of what was decided of these."""
    banked = database.rows(
        "SELECT name, count(*) FROM bank_entries AS entry JOIN banks ON banks.id = bank_id "
        "WHERE checksum IS NOT checksum_of(bank_id, CAST(kind AS BLOB), value, CAST(model AS BLOB), "
        "CAST(entry.note AS BLOB), CAST(tags AS BLOB), added) GROUP BY name"
    )
    found = [
        f"of the entries of bank {name!r} {count} are damaged; restore them: lookalike bank import"
        for name, count in banked
    ]
    if lost := EntryMetadata(database).damaged():
        found.append(f"of the metadata of entries {lost} are damaged; add those entries again with theirs")
    if lost := DisabledEntries(database).damaged():
        found.append(f"of the entries that were disabled {lost} are enabled by damage; disable them again")
    if lost := Contents(database).damaged():
        found.append(f"of the further hashes of contents {lost} are damaged; add those contents again")
    if lost := HashKeys(database).damaged():
        found.append(f"of the keys of hashes {lost} are damaged; import the lists again with their keys")
    found += [
        f"of the {name} for review {count} are damaged; restore a backup, or check the pictures again"
        for name, count in Cases(database).damaged().items()
    ]
    broken = AuditLog(database).broken()
    return found if broken is None else [*found, f"{broken}; restore a backup"]


def damaged_images(database: Database) -> dict[int, str]:
    """Images of which something stored is not what was stored, or cannot be used, and what that is."""
    found = {
        image_id: f"format, size or SHA-256 of image {image_id} is damaged"
        for (image_id,) in database.rows(
            "SELECT id FROM images "
            "WHERE checksum IS NOT checksum_of(sha256, CAST(format AS BLOB), width, height)"
        )
    }
    found |= {
        image_id: f"what is wrong with the file of image {image_id} is damaged"
        for (image_id,) in database.rows(
            "SELECT image_id FROM doubts WHERE checksum IS NOT checksum_of(image_id, CAST(remark AS BLOB))"
        )
    }
    size = database.row(
        "SELECT length(vector) FROM embeddings GROUP BY length(vector) ORDER BY count(*) DESC LIMIT 1"
    )
    rows = database.rows(
        "SELECT images.id, vector, embeddings.checksum FROM images "
        "LEFT JOIN embeddings ON image_id = images.id"
    )
    for image_id, vector, checksum in rows:
        if not is_sound(vector, checksum):
            found[image_id] = f"the vector of image {image_id} is damaged"
        elif size is None or not is_usable(vector, size[0]):
            found[image_id] = f"the network gave no usable vector for image {image_id}"
    return found


def damaged_files(database: Database) -> list[Path]:
    """Files of which path, indexed folder, image, size or time is not what was stored; sorted."""
    rows = database.rows(
        "SELECT path FROM files WHERE checksum IS NOT checksum_of(path, root, image_id, size, mtime_ns) "
        "ORDER BY path"
    )
    return [to_path(path) for (path,) in rows]


def damaged_small(database: Database) -> list[int]:
    """Images whose small picture is not what was stored."""
    rows = database.rows("SELECT image_id FROM sights WHERE checksum IS NOT checksum_of(image_id, picture)")
    return [image_id for (image_id,) in rows]


def damaged_revisions(database: Database) -> list[int]:
    """Changes whose number or mark is not what was stored."""
    rows = database.rows(
        "SELECT number FROM revisions WHERE checksum IS NOT checksum_of(number, CAST(mark AS BLOB))"
    )
    return [number for (number,) in rows]


def _damaged_facts(database: Database) -> list[str]:
    rows = database.rows(
        "SELECT name FROM facts WHERE checksum IS NOT checksum_of(CAST(name AS BLOB), CAST(value AS BLOB))"
    )
    return [name for (name,) in rows]
