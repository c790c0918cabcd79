"""Sets of (id, vector) pairs that can be asked for nearest neighbours."""

from lookalike.index.base import Index, Neighbors, Ranges, Work
from lookalike.index.classify import Classifier
from lookalike.index.exact import ExactIndex
from lookalike.index.lsh import LSHIndex
from lookalike.index.tuning import RecallPoint

__all__ = ["Classifier", "ExactIndex", "Index", "LSHIndex", "Neighbors", "Ranges", "RecallPoint", "Work"]
