"""Drawings of results, each a plain function from a result to a figure."""
