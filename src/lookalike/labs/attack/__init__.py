"""Attacks on the network: how little must change in a picture for the search to be fooled."""
