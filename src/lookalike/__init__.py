"""Lookalike: reverse image search with locality-sensitive hashing."""
