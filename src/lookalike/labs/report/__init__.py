"""The reference's claims, each compared with what was measured, on one page."""
