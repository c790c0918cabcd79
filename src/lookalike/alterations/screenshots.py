"""Pictures as they look after someone pressed the screenshot button: in a browser, on a phone."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw, ImageOps

from lookalike.alterations.geometry import Colour
from lookalike.alterations.lettering import font
from lookalike.alterations.tones import encode_jpeg

_SCREEN_SIDE = 1080
_PHONE = 19.5 / 9
_WHITE = (255, 255, 255)


def screenshot(image: Image.Image, quality: int = 80) -> Image.Image:
    """Show the picture in a browser's window, between an address bar and lines of text.

    Args:
        image: RGB; reduced to at most 1,080 pixels a side.
        quality: of the JPEG file that the screenshot is saved as, 1 to 95.

    Returns:
        the window, larger than the picture in it.
    """
    shown = image.copy()
    shown.thumbnail((_SCREEN_SIDE, _SCREEN_SIDE), Image.Resampling.LANCZOS)
    unit = max(2, round(0.06 * math.sqrt(shown.width * shown.height)))
    page = Image.new("RGB", (shown.width + 2 * unit, shown.height + 6 * unit), (250, 250, 251))
    pen = ImageDraw.Draw(page)
    bar = round(1.6 * unit)
    pen.rectangle((0, 0, page.width, bar), fill=(222, 225, 230))
    for index, colour in enumerate(((237, 106, 94), (245, 191, 79), (98, 197, 84))):
        pen.circle((unit * (0.8 + 0.75 * index), bar / 2), unit * 0.24, fill=colour)
    address = (unit * 3.2, bar * 0.22, max(unit * 3.4, page.width - unit), bar * 0.78)
    pen.rounded_rectangle(address, radius=bar * 0.28, fill=_WHITE)
    place = (unit * 3.7, bar / 2)
    pen.text(place, "photos.example/42", fill=(95, 99, 104), font=font(unit * 0.6), anchor="lm")
    page.paste(shown, (unit, round(2.6 * unit)))
    below = shown.height + 3.4 * unit
    for line, share in enumerate((0.62, 0.4)):
        top = below + line * unit
        pen.rectangle((unit, top, unit + shown.width * share, top + 0.4 * unit), fill=(206, 209, 214))
    return encode_jpeg(page, quality)


def phone_screenshot(image: Image.Image, quality: int = 80, *, dark: bool = True) -> Image.Image:
    """Show the picture on a phone held upright, in an app with bars above and below.

    The screen is 9 wide to 19.5 high, and as wide as the picture, but at most 1,080 pixels. The picture takes
    the full width, in the middle of the screen; a very tall one is reduced until it fits between the bars.

    Args:
        image: RGB.
        quality: of the JPEG file that the screenshot is saved as, 1 to 95.
        dark: whether the app is black or white.

    Returns:
        the whole screen.
    """
    wide = min(image.width, _SCREEN_SIDE)
    tall = round(wide * _PHONE)
    unit = wide / 100
    ground, ink = ((0, 0, 0), (235, 235, 240)) if dark else (_WHITE, (28, 28, 30))
    screen = Image.new("RGB", (wide, tall), ground)
    room = (wide, max(1, round(tall - 44 * unit)))
    shown = ImageOps.contain(image, room, Image.Resampling.LANCZOS)
    screen.paste(shown, ((wide - shown.width) // 2, (tall - shown.height) // 2))
    pen = ImageDraw.Draw(screen)
    _draw_status_bar(pen, unit, ink)
    pen.line([(7 * unit, 13 * unit), (4 * unit, 16 * unit), (7 * unit, 19 * unit)], ink, max(1, round(unit)))
    pen.text((wide / 2, 16 * unit), "holiday_pics", fill=ink, font=font(5 * unit), anchor="mm")
    for place in range(4):
        x, y = wide * (place + 0.5) / 4, tall - 13 * unit
        pen.circle((x, y), 2.6 * unit, outline=ink, width=max(1, round(0.7 * unit)))
    handle = (wide * 0.33, tall - 3.4 * unit, wide * 0.67, tall - 2.2 * unit)
    pen.rounded_rectangle(handle, radius=0.6 * unit, fill=ink)
    return encode_jpeg(screen, quality)


def _draw_status_bar(pen: ImageDraw.ImageDraw, unit: float, ink: Colour) -> None:
    """The time, the bars of the signal and a battery; ``unit`` is a hundredth of the screen's width."""
    pen.text((6 * unit, 5 * unit), "9:41", fill=ink, font=font(4.6 * unit), anchor="lm")
    for bar in range(4):
        left = (76 + 1.7 * bar) * unit
        pen.rectangle((left, (6 - 0.9 * bar) * unit, left + unit, 6.8 * unit), fill=ink)
    pen.rounded_rectangle(
        (86 * unit, 3.4 * unit, 93 * unit, 6.8 * unit), unit, outline=ink, width=max(1, round(0.4 * unit))
    )
    pen.rectangle((87 * unit, 4.3 * unit, 91 * unit, 5.9 * unit), fill=ink)
