"""What a browser shows: the page, the map of the collection, and the API's documentation."""

from __future__ import annotations

from importlib.resources import files

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from lookalike.web import html, schemas
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Serving

# It was made by this program, but names files and may be old: it runs without the page's origin.
_MAP_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
_STYLE = files("lookalike.web") / "docs.css"

router = router_of()


@router.get("/", include_in_schema=False)
async def search_page() -> HTMLResponse:
    """Show the page on which people search."""
    return html.page("index.html")


@router.get("/v1/map", tags=["state"], response_class=HTMLResponse, responses=schemas.problems(404))
async def get_map(service: Serving) -> HTMLResponse:
    """Show the map of the collection, a page of its own, if one has been made."""
    data = await service.pipeline.search(service.read_map)
    return HTMLResponse(data, headers={"Content-Security-Policy": _MAP_POLICY})


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """Show the documentation of the API, a page for people."""
    from lookalike.web import documentation  # noqa: PLC0415  Jinja takes 30 ms, and few ask for this

    return HTMLResponse(documentation.page(request.app.openapi()))


@router.get("/docs.css", include_in_schema=False)
async def docs_style() -> Response:
    """The style sheet of the documentation."""
    return Response(_STYLE.read_bytes(), media_type="text/css")
