"""Pages written by this program: their Jinja2 templates, and the frame and look that all of them share."""

from lookalike.pages.document import document, style_of
from lookalike.pages.templates import render

__all__ = ["document", "style_of", "render"]
