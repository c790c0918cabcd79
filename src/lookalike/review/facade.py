"""The review of one collection: what the command line, the server and programs work with."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from lookalike.banks import Banks, CheckAnswer
from lookalike.collection.facade import Collection
from lookalike.collection.pictures import Source
from lookalike.errors import UsageError
from lookalike.review.case import Case, iso
from lookalike.review.keeping import Keeping
from lookalike.store import (
    CASE_DECISIONS,
    CASE_STATES,
    AuditLog,
    BankEntries,
    BankTable,
    CaseDecision,
    CaseRow,
    Cases,
    CaseState,
    kept_by,
)

_LONGEST_WHO = 100  # characters


class Review:
    """Cases that wait for a person, and what people decided.

    A case is a checked picture and an entry of a bank that it matched. What is decided of it holds from the
    next check on, in whichever process, and lasts once a method returns.

    Attributes:
        log: the audit log.

    >>> with Collection.open("/tmp/holiday") as pictures:  # doctest: +SKIP
    ...     review = Review(pictures)
    ...     review.check("upload.jpg")
    ...     for case in review.cases("waiting"):
    ...         review.decide(case.row.case_id, "confirmed", "ada")
    """

    def __init__(self, collection: Collection) -> None:
        """Use the cases of an open collection."""
        database = collection.bases.database
        self._collection, self._cases = collection, Cases(database)
        self._banks, self._entries = BankTable(database), BankEntries(database)
        self.log: AuditLog = self._cases.log
        self._keeps = kept_by(database)

    def keeping(self, name: str) -> Keeping:
        """Says how a picture of a name is kept if a bank reports it; for ``Checking.check`` and the like.

        Raises:
            UsageError: the collection keeps no small pictures.
        """
        if self._keeps == "vectors":
            raise UsageError("review needs small pictures, and this collection keeps vectors alone")
        return Keeping(self._cases, self._banks, name)

    def check(self, picture: Source, name: str = "") -> CheckAnswer:
        """Hold a picture against all enabled banks, and let what they report wait for review.

        Args:
            picture: a path, URL or encoded bytes.
            name: by which a reviewer sees it; if empty, the path or URL.

        Raises:
            LookalikeError: as ``Banks.check``.
        """
        called = name or ("" if isinstance(picture, bytes) else str(picture))
        return Banks(self._collection).checking.check(picture, self.keeping(called))

    def cases(
        self, state: CaseState | None = None, bank: str | None = None, *, after: int = 0, most: int = 100
    ) -> list[Case]:
        """List cases in the order in which they came.

        Args:
            state: only those that stand there; all if None.
            bank: only those of the bank of this name; of all banks if None.
            after: only those with ids above it.
            most: how many.

        Raises:
            NotFoundError: there is no such bank.
            UsageError: there is no such state.
        """
        if state is not None and state not in CASE_STATES:
            raise UsageError(f"a case is {', '.join(CASE_STATES)}, not {state!r}")
        return self._seen(self._cases.page(state, self._id_of(bank), after=after, most=most))

    def case(self, case_id: int) -> Case:
        """One case.

        Raises:
            NotFoundError: there is none of this id.
        """
        return self._seen([self._cases.case(case_id)])[0]

    def counts(self, bank: str | None = None) -> Counter[CaseState]:
        """How many cases stand where, of one bank or of all.

        Raises:
            NotFoundError: there is no such bank.
        """
        return self._cases.counts(self._id_of(bank))

    def picture(self, case_id: int) -> bytes:
        """The small copy of the checked picture of a case, a JPEG of at most 256 pixels a side.

        Raises:
            NotFoundError: there is no such case, or the copy was purged.
        """
        return self._cases.picture(case_id)

    def decide(
        self,
        case_id: int,
        decision: CaseDecision,
        who: str,
        token: str | None = None,
        replaces: int | None = None,
    ) -> Case:
        """Decide a case, and write that into the audit log.

        Args:
            case_id: of the case.
            decision: "confirmed", "not a match" or "unsure".
            who: decided it, 1 to 100 printable characters.
            token: name of the token by which a server let them in; None without one.
            replaces: number of the log's entry with the decision that it replaces, which a case has as
                ``row.logged``; None for a case that has none. So nobody takes back unseen what another has
                decided meanwhile.

        Raises:
            NotFoundError: there is no such case.
            Conflict: the case has another decision, or none to replace.
            UsageError: there is no such decision, or nobody took it.
        """
        if decision not in CASE_DECISIONS:
            raise UsageError(f"a decision is {', '.join(map(repr, CASE_DECISIONS))}, not {decision!r}")
        decided = self._cases.decide(case_id, decision, _somebody(who), iso(time.time()), token, replaces)
        return self._seen([decided])[0]

    def purge(self, who: str) -> int:
        """Delete the kept copies and names of pictures that nobody needs to look at any more.

        Their cases are all confirmed or no match, or wait for an entry that is gone. Decisions stay.

        Args:
            who: does it, as in ``decide``.

        Returns:
            How many pictures were purged.

        Raises:
            UsageError: nobody does it.
        """
        return self._cases.purge(_somebody(who), iso(time.time()))

    def _id_of(self, bank: str | None) -> int | None:
        return None if bank is None else self._banks.named(bank).bank_id

    def _seen(self, rows: Sequence[CaseRow]) -> list[Case]:
        ids = {row.entry_id for row in rows} - {None}
        entries = {one.entry_id: one for one in self._entries.entries(one for one in ids if one)}
        paths_of = self._collection.catalog.paths_of
        return [
            Case(
                row,
                entries.get(row.entry_id or 0),
                tuple(paths_of(row.image_id)) if row.image_id else (),
                None if row.logged is None else self.log.entry(row.logged),
            )
            for row in rows
        ]


def _somebody(who: str) -> str:
    """The name of whoever decides.

    Raises:
        UsageError: it is empty, too long, or cannot be printed on a line.
    """
    name = who.strip()
    if not name or len(name) > _LONGEST_WHO or not name.isprintable():
        raise UsageError(f"say who decides, in 1 to {_LONGEST_WHO} characters on one line, not {who[:40]!r}")
    return name
