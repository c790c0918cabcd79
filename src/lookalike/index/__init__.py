"""Sets of (id, vector) pairs that find the pairs nearest to a query.

Everything public of this package is in ``__all__``; its modules may change.
"""

from lookalike.index.base import Index, Neighbors, Ranges, Work
from lookalike.index.classify import Classifier
from lookalike.index.exact import ExactIndex
from lookalike.index.hashing import Planes
from lookalike.index.lsh import LSHIndex
from lookalike.index.pairs import AllPairs, PairRecall, Pairs
from lookalike.index.tuning import RecallPoint
from lookalike.kernels.metrics import METRICS, Metric

__all__ = [
    "METRICS",
    "AllPairs",
    "Classifier",
    "ExactIndex",
    "Index",
    "LSHIndex",
    "Metric",
    "Neighbors",
    "PairRecall",
    "Pairs",
    "Planes",
    "Ranges",
    "RecallPoint",
    "Work",
]
