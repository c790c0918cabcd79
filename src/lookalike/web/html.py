"""The pages on which people search and review: the same for every reader, so each is filled once."""

from __future__ import annotations

from functools import cache

from starlette.responses import HTMLResponse


def page(template: str) -> HTMLResponse:
    """A page, by the name of its template; browsers ask for it anew each time."""
    return HTMLResponse(_filled(template), headers={"Cache-Control": "no-cache"})


@cache
def _filled(template: str) -> bytes:
    from lookalike.pages import render  # noqa: PLC0415  Jinja takes 30 ms, and programs ask for no page

    return render("lookalike.web", template).encode()
