"""Banks: named sets of known pictures and hashes inside a collection, and pictures checked against them.

``Banks`` is the facade. Everything public of this package is in ``__all__``; its modules may change.
"""

from lookalike.banks.facade import Banks
from lookalike.banks.listed import ListedEntry
from lookalike.banks.results import Added, BankResult, CheckAnswer, EntryMatch

__all__ = ["Added", "BankResult", "Banks", "CheckAnswer", "EntryMatch", "ListedEntry"]
