"""Drawn pictures of kinds that look alike: pages, invoices, tables, chats, memes of one template, logos …

Two of a kind share their layout and differ in what they say, which a search for copies must not mix up.
The same kind and seed give the same pixels. ``python tests/support/drawn FOLDER`` writes some of each kind.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from types import MappingProxyType

from PIL import Image

from drawn import boards, cards, charts, forms, marks, papers, plans, screens
from drawn.pen import Random

KINDS: MappingProxyType[str, Callable[[Random], Image.Image]] = MappingProxyType(
    {
        draw.__name__: draw
        for draw in (
            papers.page, papers.small_print, papers.invoice, papers.table, papers.receipt, papers.sheet_music,
            screens.chat, screens.app_screen, screens.code_listing,
            charts.bars, charts.line_chart,
            cards.meme, cards.word_card, cards.ticket, cards.name_tag, cards.slide,
            marks.logo, marks.icon, marks.line_art,
            plans.street_map, plans.floor_plan, plans.bricks,
            forms.sign_in, forms.ledger, forms.bottle,
            boards.crossword, boards.calendar, boards.matrix_code,
        )
    }
)  # fmt: skip
"""Draws a picture of the kind of that name."""


def draw(kind: str, seed: int) -> Image.Image:
    """Draw a picture of a kind."""
    return KINDS[kind](random.Random(f"{kind} {seed}"))
