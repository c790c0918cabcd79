from __future__ import annotations

import pytest

from lookalike.demo.drawing.palettes import ATMOSPHERES, NIGHTS, PALETTES, Palette


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
def test_text_is_legible_and_accents_are_four(palette: Palette) -> None:
    light, dark = sorted((luminance(palette.paper), luminance(palette.ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 7
    assert len(set(palette.accents)) == 4
    assert {palette.dark, palette.pale} == {palette.paper, palette.ink}
    assert luminance(palette.dark) < luminance(palette.pale)


def test_the_warmest_and_coolest_accents_are_told_apart() -> None:
    palette = Palette(
        "test", (255, 255, 255), (0, 0, 0), ((200, 30, 30), (250, 210, 0), (0, 40, 220), (90, 90, 90))
    )
    assert palette.warmest == (250, 210, 0)
    assert palette.coolest == (0, 40, 220)


@pytest.mark.parametrize("family", [PALETTES, ATMOSPHERES, NIGHTS], ids=["palettes", "atmospheres", "nights"])
def test_names_are_unique_and_fit_for_file_names(family: tuple[Palette, ...]) -> None:
    names = [tones.name for tones in family]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalpha() and name == name.lower() for name in names)


def test_land_darkens_towards_the_viewer() -> None:
    for air in (*ATMOSPHERES, *NIGHTS):
        assert luminance(air.near) < luminance(air.far) < luminance(air.light), air.name
