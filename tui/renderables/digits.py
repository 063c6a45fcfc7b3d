"""The countdown in digits of three rows."""

from tui.renderables.glyphs import Glyphs

ROWS = 3


def big_digits(text: str, glyphs: Glyphs) -> tuple[str, str, str]:
    """Digits, ":", "+" and "-" drawn three rows high, one cell between them."""
    drawn = [glyphs.digits[character] for character in text]
    top, middle, bottom = (" ".join(part[row] for part in drawn) for row in range(ROWS))
    return top, middle, bottom
