"""Sets of (id, vector) pairs that find the pairs nearest to a query.

Everything public of this package is in ``__all__``; its modules may change.

- ``exact`` and ``lsh`` are the two indexes, ``base`` is what both promise, ``classify`` votes by either, and
  ``hamming`` finds hashes within a radius.
- LSH: ``cells`` learns centres, ``hashing`` holds the hash functions, ``hashed`` the tables that they fill.
  ``state`` is what a search reads, ``view`` the rows of one search, ``funnel`` the call of the kernels.
  ``tuning`` chooses the effort for a recall; ``settings`` say how to hash.
- An answer's recall: ``estimate`` judges it by weights that a ``trial`` of new tables learns, with queries
  ``unlike`` the rows, and says how complete it shall be.
- In the background: ``refilling`` makes new tables, ``loading`` loads compiled kernels. By ``sharing``, all
  cores hash rows.
- One query per call: ``alone`` by tables, ``lone_scan`` by a scan.
- All pairs: ``pairs`` hands them out, ``pairing`` finds them by ``pair_tables`` or a scan, ``pair_limits``
  says how far a walk goes.
- Storage: ``rows``, ``growing`` arrays, and ``saving`` to ``files``.
"""

from lookalike.index.base import Index, Neighbors, Ranges, Work
from lookalike.index.classify import Classifier
from lookalike.index.exact import ExactIndex
from lookalike.index.files import Stamp
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
    "Stamp",
    "Work",
]
