"""The reference's claims, each held against what was measured, on one page."""
