"""Reading the plan: files in, one checked `Plan` or every problem out."""

from firstwatch.config.load import load, unset

__all__ = ["load", "unset"]
