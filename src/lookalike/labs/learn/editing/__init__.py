"""Random edits of pictures: what an embedding network has to see through."""

from lookalike.labs.learn.editing.copies import Another, hard, mild

__all__ = ["Another", "hard", "mild"]
