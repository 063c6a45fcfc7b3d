"""Reading the plan: files in, one checked `Plan` or every problem out."""

from firstwatch.config.load import load

__all__ = ["load"]
