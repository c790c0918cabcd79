"""Experiments and training; the product never imports anything from here."""
