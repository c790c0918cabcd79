"""Banks: named sets of known pictures and hashes inside a collection, and pictures checked against them.

``Banks`` is the facade. Everything public of this package is in ``__all__``; its modules may change.

- ``facade`` calls the rest. ``checking`` compares one picture with the banks, ``many`` files; ``adding``
  fills them, and looks which pictures there were ``before``; ``results`` are the values that go out.
- Hashes: ``known`` holds those of all banks in memory, ``counts`` how many there are, ``own`` makes those of
  a picture. ``hashes`` are ours, ``pdq`` Meta's, ``keyed`` those by a secret key; ``uncompared`` tells of
  entries that pictures are not compared with as a whole. ``lists`` reads and writes files, and ``importing``
  takes one into a bank.
- ``listed`` are entries with the pictures that they stand for.
- ``decided`` applies what reviewers decided.
"""

from lookalike.banks.facade import Banks
from lookalike.banks.listed import ListedEntry
from lookalike.banks.results import Added, BankResult, CheckAnswer, EntryMatch

__all__ = ["Added", "BankResult", "Banks", "CheckAnswer", "EntryMatch", "ListedEntry"]
