"""How colours look to people: contrast, distance, and vision that lacks a kind of cone.

Contrast as WCAG 2 has it, distance as CIEDE2000, and colour vision as Machado, Oliveira and
Fernandes simulate it (2009) where a kind of cone is missing altogether.
"""

import math
from collections.abc import Mapping
from typing import Final

RGB = tuple[int, int, int]
Lab = tuple[float, float, float]
Rows = tuple[tuple[float, float, float], ...]

VISION: Final[Mapping[str, Rows]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_TO_XYZ: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE: Final = (0.95047, 1.0, 1.08883)


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _times(rows: Rows, vector: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in rows)


def luminance(colour: RGB) -> float:
    """From 0, black, to 1, white."""
    return _times(_TO_XYZ, tuple(map(_linear, colour)))[1]


def contrast(one: RGB, other: RGB) -> float:
    """From 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def seen(colour: RGB, vision: str = "usual") -> Lab:
    """What it looks like, as lightness, green to red, and blue to yellow."""
    light = _times(VISION[vision], tuple(map(_linear, colour)))
    xyz = _times(_TO_XYZ, tuple(min(max(part, 0.0), 1.0) for part in light))

    def bent(part: float) -> float:
        return part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116

    x, y, z = (bent(part / white) for part, white in zip(xyz, _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def chroma(colour: RGB) -> float:
    """How colourful it is; 0 for a grey."""
    return math.hypot(*seen(colour)[1:])


def distance(one: Lab, other: Lab) -> float:
    """How different they are: 1 can just be seen side by side, 10 at a glance."""
    mean = (math.hypot(*one[1:]) + math.hypot(*other[1:])) / 2
    stretch = 1.5 - 0.5 * math.sqrt(mean**7 / (mean**7 + 25**7))
    (l1, c1, h1), (l2, c2, h2) = (_polar(lab, stretch) for lab in (one, other))
    turn = h2 - h1 if c1 and c2 else 0.0
    turn -= 360 * round(turn / 360)
    lightness, c = (l1 + l2) / 2, (c1 + c2) / 2
    h = (h1 + turn / 2) % 360 if c1 and c2 else h1 + h2
    t = (
        1
        - 0.17 * _cos(h - 30)
        + 0.24 * _cos(2 * h)
        + 0.32 * _cos(3 * h + 6)
        - 0.20 * _cos(4 * h - 63)
    )
    dl = (l2 - l1) / (1 + 0.015 * (lightness - 50) ** 2 / math.sqrt(20 + (lightness - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * c)
    dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * c * t)
    bend = math.exp(-(((h - 275) / 25) ** 2))
    rotation = -2 * math.sqrt(c**7 / (c**7 + 25**7)) * math.sin(math.radians(60 * bend))
    return math.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh)


def _polar(lab: Lab, stretch: float) -> Lab:
    lightness, a, b = lab
    return lightness, math.hypot(a * stretch, b), math.degrees(math.atan2(b, a * stretch)) % 360


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))
