"""The motifs, one in each module."""
