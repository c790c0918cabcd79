"""Interfaces that people already know, on this package's arithmetic and files."""

from lookalike.compat.lshash import LSHash

__all__ = ["LSHash"]
