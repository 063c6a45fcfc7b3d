"""Escape sequences for the terminal outside, through a multiplexer that keeps them to itself."""

from typing import Final

_PIECE: Final = 240
"""Characters that GNU screen hands on at a time; it drops what is much longer."""


def through_tmux(sequence: str) -> str:
    """The sequence wrapped so that tmux hands it on, where `allow-passthrough` lets it."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def through_screen(sequence: str) -> str:
    """The sequence in pieces, each wrapped so that GNU screen hands it on."""
    pieces = (sequence[at : at + _PIECE] for at in range(0, len(sequence), _PIECE))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
