"""Pages written to files: one file that needs nothing else, and the look that all of them share."""

from lookalike.pages.document import NAME, document, style_of
from lookalike.pages.markup import text, thumbnail, unbroken

__all__ = ["NAME", "document", "style_of", "text", "thumbnail", "unbroken"]
