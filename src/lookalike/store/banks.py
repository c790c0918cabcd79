"""Banks: named sets of known pictures and hashes, each with a rule and a rate; entries lie apart."""

from __future__ import annotations

from sqlite3 import Connection
from typing import Any, Literal, NamedTuple

from lookalike.errors import NotFoundError, UsageError
from lookalike.store.database import Database

Rule = Literal["copies", "similar"]
"""What a bank reports: identical pictures and copies, or also pictures that only look similar."""

_COLUMNS = "id, name, negative, enabled, rule, fpr, note, ratio"


class Bank(NamedTuple):
    """A named set of known pictures and hashes.

    Attributes:
        bank_id: never used again once the bank is deleted.
        name: unique among the collection's banks.
        negative: what matches it is never reported by other banks.
        enabled: checks leave out a bank that is not.
        rule: what it reports.
        fpr: share of pairs of different pictures that it may call copies.
        note: what a person wrote about it.
        ratio: share of the lookups by clients of Hasher-Matcher-Actioner that ask it while it is enabled,
            above 0 and up to 1.
    """

    bank_id: int
    name: str
    negative: bool
    enabled: bool
    rule: Rule
    fpr: float
    note: str
    ratio: float = 1.0

    @classmethod
    def of_row(cls, row: tuple[Any, ...]) -> Bank:
        """The bank that a row of the table describes."""
        bank_id, name, negative, enabled, *rest = row
        return cls(bank_id, name, bool(negative), bool(enabled), *rest)


class BankRevision(NamedTuple):
    """A moment in the history of all banks.

    Attributes:
        number: it grows with each change, whichever process makes it.
        mark: drawn at random: after a backup was put back, the same number has another mark.
    """

    number: int
    mark: str


class BankTable:
    """Creates, changes and deletes banks; each change is one transaction, and lasts once a method returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, *, negative: bool, rule: Rule, fpr: float, note: str) -> Bank:
        """Make an empty, enabled bank.

        Raises:
            UsageError: there is one of that name.
        """
        with self._database.atomic() as connection:
            if self._database.row("SELECT 1 FROM banks WHERE name = ?", name):
                raise UsageError(f"there is a bank {name!r} already")
            connection.execute(
                "INSERT INTO banks (name, negative, enabled, rule, fpr, note) VALUES (?, ?, 1, ?, ?, ?)",
                (name, int(negative), rule, float(fpr), note),
            )
            count_change(connection)
            return self.named(name)

    def delete(self, name: str) -> None:
        """Delete a bank with all its entries; pictures in it stay in the collection.

        Raises:
            NotFoundError: there is none of that name.
        """
        with self._database.atomic() as connection:
            connection.execute("DELETE FROM banks WHERE id = ?", (self.named(name).bank_id,))
            count_change(connection)

    def rename(self, name: str, new: str) -> Bank:
        """Give a bank another name; the audit log keeps the one that it had.

        Raises:
            NotFoundError: there is none of that name.
            UsageError: another one has the new name.
        """
        with self._database.atomic() as connection:
            if new != name and self._database.row("SELECT 1 FROM banks WHERE name = ?", new):
                raise UsageError(f"there is a bank {new!r} already")
            connection.execute("UPDATE banks SET name = ? WHERE id = ?", (new, self.named(name).bank_id))
            count_change(connection)
            return self.named(new)

    def change(
        self,
        name: str,
        *,
        enabled: bool | None = None,
        rule: Rule | None = None,
        fpr: float | None = None,
        note: str | None = None,
        ratio: float | None = None,
    ) -> Bank:
        """Change a bank, all that is named at once; None leaves something as it is.

        Args:
            name: of the bank.
            enabled: whether checks ask it from now on.
            rule: what it reports.
            fpr: share of pairs of different pictures that it may call copies.
            note: what a person writes about it, in place of the note before.
            ratio: as in ``Bank``; 1 if ``enabled`` is said and it is not.

        Raises:
            NotFoundError: there is none of that name.
        """
        if ratio is None and enabled is not None:
            ratio = 1.0
        with self._database.atomic() as connection:
            connection.execute(
                "UPDATE banks SET enabled = ifnull(?, enabled), rule = ifnull(?, rule), "
                "fpr = ifnull(?, fpr), note = ifnull(?, note), ratio = ifnull(?, ratio) WHERE id = ?",
                (enabled, rule, fpr, note, ratio, self.named(name).bank_id),
            )
            count_change(connection)
            return self.named(name)

    def all(self) -> list[Bank]:
        """List all banks, by name."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM banks ORDER BY name")  # noqa: S608  names of ours
        return [Bank.of_row(row) for row in rows]

    def named(self, name: str) -> Bank:
        """The bank of a name.

        Raises:
            NotFoundError: there is none.
        """
        row = self._database.row(f"SELECT {_COLUMNS} FROM banks WHERE name = ?", name)  # noqa: S608
        if row is None:
            raise NotFoundError(
                f"there is no bank {name!r}; list them with: lookalike bank list; "
                "make one with: lookalike bank create NAME"
            )
        return Bank.of_row(row)

    def revision(self) -> BankRevision:
        """The latest change of any bank or entry."""
        row = self._database.row("SELECT number, mark FROM bank_revisions ORDER BY number DESC LIMIT 1")
        return BankRevision(*row) if row else BankRevision(-1, "")

    def was(self, revision: BankRevision) -> bool:
        """Whether a moment belongs to the banks' history: not if a backup from before it was put back."""
        row = self._database.row("SELECT mark FROM bank_revisions WHERE number = ?", revision.number)
        return row == (revision.mark,)


def count_change(connection: Connection) -> None:
    """Note inside a transaction that banks or entries change, so that readers look again."""
    connection.execute("INSERT INTO bank_revisions (mark) VALUES (lower(hex(randomblob(8))))")
