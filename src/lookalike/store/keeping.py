"""How much a collection keeps of its pictures: everything, or vectors and neither paths nor small pictures.

A collection that keeps vectors has the SHA-256 of an image's bytes wherever others have the path of a file.
It is decided when the collection is made, and everything that writes to a catalog asks here inside its
transaction, so that no way into the catalog can forget it.
"""

from __future__ import annotations

from typing import Literal, get_args

from lookalike.errors import UsageError
from lookalike.paths import CONTENT, content_name
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of
from lookalike.store.records import FileRecord, FileStamp

Keep = Literal["all", "vectors"]

FACT = "keep"
"""Name of the fact in the catalog; a collection that keeps all has none."""


def kept_by(database: Database) -> Keep:
    """How much a collection keeps."""
    row = database.row("SELECT value FROM facts WHERE name = ?", FACT)
    return "all" if row is None else "vectors"


def settle(database: Database, keep: Keep) -> None:
    """Fix how much a collection keeps, for good.

    Raises:
        UsageError: it keeps something else, or there is no such choice.
    """
    if keep not in get_args(Keep):
        raise UsageError(f"a collection keeps {' or '.join(get_args(Keep))}, not {keep!r}")
    with database.atomic() as connection:
        if kept_by(database) == keep:
            return
        touched = database.row(
            "SELECT 1 FROM facts UNION ALL SELECT 1 FROM refusals UNION ALL "
            "SELECT 1 FROM revisions WHERE number > 0 UNION ALL "
            "SELECT 1 FROM bank_revisions WHERE number > 0 LIMIT 1"
        )
        if touched is not None:
            raise UsageError(
                f"this collection keeps {kept_by(database)}, which was said when it was made and cannot be "
                f"changed; use another --collection to keep {keep}"
            )
        connection.execute("INSERT INTO facts VALUES (?, ?, ?)", (FACT, keep, checksum_of(FACT, keep)))


def refuse_without(database: Database, what: str) -> None:
    """Refuse what takes the pictures' files, or their small pictures.

    Args:
        database: of the collection.
        what: cannot be done, as the subject of a sentence with "needs".

    Raises:
        UsageError: the collection keeps vectors alone.
    """
    if kept_by(database) == "vectors":
        raise UsageError(f"{what} needs paths or small pictures, and this collection keeps vectors alone")


def unnamed(file: FileRecord) -> FileRecord:
    """A file's record without what tells where it lies, how large and how old it is, and how it looks."""
    image = None if file.image is None else file.image._replace(small=None)
    return FileRecord(content_name(file.sha256), CONTENT, FileStamp(0, 0), file.sha256, image)
