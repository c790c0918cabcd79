"""The same collection on many machines: Lance tables hold the rows, Ray runs what reads, searches and serves.

Nothing below this package knows that it exists, and a user of one machine never imports it: it needs the
extra ``cluster``. What the engines do already is left to them. Lance has versions, atomic commits, retries on
conflict and compaction. Ray places, watches and restarts processes, and Serve keeps replicas and HTTP.

- The table: ``table`` is in Lance, ``rows`` are its columns, with ``ids``, ``labels`` and ``addresses``;
  ``changes`` tells what happened between two versions.
- Searching: each ``shard``, run by a ``replica``, holds a range of ids in memory. ``index`` asks them through
  ``handles``, and ``merging`` makes one answer of theirs.
- Filling: ``importing`` runs on Ray Data over the ``places`` that it is given, ``copying`` moves a
  collection, ``originals`` keeps uploads, ``calibrating`` measures strangers.
- Serving: ``catalog`` and ``listing`` tell of images, ``collection`` and ``service`` answer, ``banking``
  checks pictures against banks, ``app`` and ``deployment`` run it, ``refusing`` refuses what a table lacks,
  ``starting`` starts Ray.
"""
