"""What axe-core has to say of a page, in light and in dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from visitor import Visitor

axe = pytest.importorskip("axe_playwright_python.sync_playwright")
_VIOLATIONS = {"resultTypes": ["violations"]}
_OF_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}


def expect_no_violation(visitor: Visitor) -> None:
    """Hold the page as it is against all rules, and then in dark against those that look at colours.

    In dark only the colours differ, each of which the style sheets name twice, by ``light-dark()``, and the
    name of the button that switches. So the page is not opened again, and other rules are not asked again.
    It must have been opened in light, and with ``reduced_motion="reduce"``, so that no colour is on its way
    to another.
    """
    for scheme, rules in (("light", {}), ("dark", _OF_COLOURS)):
        visitor.page.emulate_media(color_scheme=scheme)
        results = axe.Axe().run(visitor.page, options={**_VIOLATIONS, **rules})
        assert results.violations_count == 0, f"in {scheme}: {results.generate_report()}"
    visitor.page.emulate_media(color_scheme="light")
