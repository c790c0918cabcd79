"""Review: what checks found and a person decides, one case after the other, with a log of who decided what.

``Review`` is the facade. Everything public of this package is in ``__all__``; its modules may change.

``keeping`` stores what is kept of a reported picture, ``case`` is what a reviewer sees of it, and ``facade``
lists and decides cases.
"""

from lookalike.review.case import Case
from lookalike.review.facade import Review

__all__ = ["Case", "Review"]
