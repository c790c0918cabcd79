"""Sets of colours chosen by hand, since random colours seldom go together."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.demo.drawing.colour import Colour, to_oklab


@dataclass(frozen=True, slots=True)
class Palette:
    """Flat colours for prints.

    Attributes:
        name: used in file names.
        paper: the ground.
        ink: fine lines; contrasts with the paper.
        accents: four colours, the loudest first.
    """

    name: str
    paper: Colour
    ink: Colour
    accents: tuple[Colour, ...]

    @property
    def coolest(self) -> Colour:
        """The bluest accent: water, glass."""
        return min(self.accents, key=_warmth)

    @property
    def warmest(self) -> Colour:
        """The yellowest accent: light, sand."""
        return max(self.accents, key=_warmth)

    @property
    def dark(self) -> Colour:
        """The darker one of paper and ink."""
        return min(self.paper, self.ink, key=sum)

    @property
    def pale(self) -> Colour:
        """The lighter one of paper and ink."""
        return max(self.paper, self.ink, key=sum)


@dataclass(frozen=True, slots=True)
class Atmosphere:
    """The light of one hour, for scenes with a sky.

    Attributes:
        name: used in file names.
        sky: from the zenith down to the horizon.
        light: the sun, the moon, a lit window.
        far: land at the horizon.
        near: land at the viewer's feet.
    """

    name: str
    sky: tuple[Colour, ...]
    light: Colour
    far: Colour
    near: Colour


def _warmth(colour: Colour) -> float:
    """How yellow (above 0) or blue (below 0) a colour is."""
    return float(to_oklab(colour)[2])


def _hex(codes: str) -> tuple[Colour, ...]:
    """Colours written as hexadecimal codes between spaces."""
    return tuple((int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)) for code in codes.split())


def _palette(name: str, codes: str) -> Palette:
    """Paper, ink and accents, in this order."""
    paper, ink, *accents = _hex(codes)
    return Palette(name, paper, ink, tuple(accents))


def _atmosphere(name: str, sky: str, land: str) -> Atmosphere:
    """The sky's stops, then light, far and near."""
    light, far, near = _hex(land)
    return Atmosphere(name, _hex(sky), light, far, near)


PALETTES: tuple[Palette, ...] = (
    _palette("workshop", "f2e9d8 1d1d1b d63a2b f0b323 1f5aa6 b9b09c"),
    _palette("riviera", "fbf3e4 12355b e4572e f3a712 2a9d8f a8c9d6"),
    _palette("orchard", "f6f1e1 283618 bc6c25 606c38 dda15e a3b18a"),
    _palette("nordic", "eef1f2 22313f c8553d 5b7f95 e8c07d a9c0b8"),
    _palette("sorbet", "fff4ec 43304a f28482 f6bd60 84a59d b8a1c9"),
    _palette("terracotta", "f4e8dc 3b2420 c65d3b e0a458 5f7470 a9b39a"),
    _palette("midnight", "14182b f4efe3 ff6b4a ffd166 3fa7d6 5b4fa8"),
    _palette("pine", "e9efe6 12302a d1495b 1f6f5c e9b44c 8fb8a1"),
    _palette("press", "f5f3ee 161616 e63b2e 3d3d3b 8c8c88 cfcabd"),
    _palette("citrus", "fffbe8 264027 f78154 f2c14e 4d9078 b5cc8e"),
    _palette("lagoon", "e6f4f1 0b3c49 f96e46 13a89e f9c846 8fd0d3"),
    _palette("plum", "f7ecef 2d1b36 7b2d5e e26d5c 5c80a8 f2b5a7"),
    _palette("mesa", "faeede 4a2c2a a44a3f d9814f 7d9d9c efc27b"),
    _palette("cobalt", "f0f2f7 101b3f 2545c2 f25f5c ffd84d 70c1b3"),
    _palette("moss", "14261f ede6d0 e6aa68 7fb069 ca4b33 4f8a8b"),
    _palette("rosewood", "2b1a1e f6e7da e8836b f2c57c a63d57 7f9c96"),
)

ATMOSPHERES: tuple[Atmosphere, ...] = (
    _atmosphere("dawn", "3d4f7c 8a6f9e e0909a f9c9a0 fde6c4", "fff3d6 b58fae 2a2744"),
    _atmosphere("golden-hour", "7c8fa8 d9b38c f5c077 fbdca0", "fff6dc d79a63 3b2a2a"),
    _atmosphere("alpine", "4f86b5 8fb9d6 cfe3ea eef3ef", "fffdf2 a3c1d2 1f3d52"),
    _atmosphere("ember", "2b1b3d 7a2f54 d9553f f79b4b fdd48a", "ffeeb8 a8465a 1d1128"),
    _atmosphere("sea-fog", "9fb3b8 bccaca d8dfda eceee6", "ffffff b4c4c3 2f4a50"),
    _atmosphere("lavender", "5d5a99 9a88c4 d3b1d4 f5d9dc", "fff4ea ab98c6 2c2750"),
    _atmosphere("jade", "2f6f73 6fa79b b5d3b8 eceed0", "fffbe0 8ab8a4 12363a"),
    _atmosphere("rust", "5a3d4c a8584f dd8a5b f2c48d", "fff0cf bb6c5a 33191f"),
    _atmosphere("overcast", "6f7f8f 93a3ad b9c3c6 dcdfda", "f7f5ea 96a5ad 2a343d"),
    _atmosphere("peach", "88a7b5 d8c4b8 f8cdb0 fde4cf", "fffaf0 e0a993 56414f"),
    _atmosphere("indigo", "161a3f 33367a 6b66ad c5a5c9 f4cdc2", "fff2dc 6d68a8 0f1230"),
    _atmosphere("olive", "8a9a78 bdbf92 e4d9a8 f5ebc9", "fffbe3 a6a878 2d3421"),
    _atmosphere("polar", "1f4e79 4f8fb9 a5d0de e6f1ec", "fdfdf5 7fb0c9 0f2b44"),
    _atmosphere("copper", "1f3a45 4f6b6a b98d66 f0b878", "ffe9bd 6f7468 13232b"),
)

NIGHTS: tuple[Atmosphere, ...] = (
    _atmosphere("midnight", "060a1f 0f1a3d 1f3363 3d5a8c", "fdf6d8 24375f 050816"),
    _atmosphere("violet-night", "0d0824 24124a 4a2670 8a4b8f", "ffeede 3b2163 0a0518"),
    _atmosphere("teal-night", "04161c 083038 125058 3f8a84", "f7f6dd 0f4650 020d12"),
    _atmosphere("blue-hour", "0c1c40 1d3c73 3f6ba3 a3a5bf e9b99c", "ffe9b5 33527f 08132b"),
    _atmosphere("last-light", "140f2e 352058 74386b c85f5f f2a15e", "ffe3a6 4b2a5c 0d081c"),
    _atmosphere("slate-night", "0d1217 1b262f 31434f 5f7985", "fff4dd 2a3a45 080c10"),
    _atmosphere("plum-night", "15081a 38133a 6b2750 ad4f60", "ffe6cf 4d1e49 0e0412"),
    _atmosphere("forest-night", "06140f 0f2a22 1f473b 4f7f68", "fbf3d3 1b3d33 030b08"),
)
