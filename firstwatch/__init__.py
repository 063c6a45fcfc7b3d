"""The watch itself: plan, rounds, judging and journal, without network or terminal."""

__version__ = "0.1.0"
