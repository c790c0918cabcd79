"""Duplicates: groups of images that are copies of one another, and what people do with them.

Nothing is imported here, so that ``lookalike undo`` does not load what finds groups.
"""
