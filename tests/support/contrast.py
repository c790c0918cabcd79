"""How well colours of a style sheet stand out from each other."""

from __future__ import annotations

import re

import numpy as np


def colours(style: str) -> tuple[dict[str, str], dict[str, str]]:
    """Custom properties with colours, by name: in the light theme, and in the dark one."""
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    light, dark = (
        {name: code for block in part for name, code in re.findall(r"--(\w+): (#\w{6});", block)}
        for part in (blocks[::2], blocks[1::2])
    )
    return light, {**light, **dark}


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two sRGB colours, #RRGGBB, by WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = np.array(list(bytes.fromhex(colour[1:]))) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
