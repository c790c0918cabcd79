"""Duplicates: groups of images that are copies of one another, and what people do with them.

Nothing is imported here, so that ``lookalike undo`` does not load what finds groups.

- ``search`` does it all: it scans, groups, and takes ``decisions``, as ``terms`` and ``sources`` ask.
- Pairs: ``nearby`` gives each image its candidates, ``crowd`` those of pages, ``finding`` walks them,
  ``alikeness`` compares embeddings, ``copies`` judges, ``memory`` keeps what was seen, and ``left`` what
  was not.
- Groups: ``grouping``, ``similar`` and ``reference`` choose the medoid that the others are compared with.
  ``assembling`` makes a ``group`` of it with its ``files``; ``found`` adds the file to keep.
- The file to keep: ``keeping`` applies the rule to the ``candidates``, by ``sharpness``, ``folders`` and
  others; ``protecting`` tells which files no action touches.
- Acting on the others: ``acting`` touches a file once ``guarding`` has compared its ``content``. ``placing``
  gives it another name, ``trash`` throws it away, ``journal`` writes down each ``step`` before it is done,
  ``settling`` finds out how far a crash let it come, and ``undoing`` takes it back.
"""
