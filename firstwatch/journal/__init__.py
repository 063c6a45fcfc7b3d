"""The journal: the append-only store of all that happened, one SQLite file a watch.

Its parts are loaded when they are asked for: a status line reads the file without the weight of
acts and plans.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firstwatch.journal.records import BEAT, Extent, RoundEvent, Run, Store
    from firstwatch.journal.sqlite import Journal

__all__ = ["BEAT", "Extent", "Journal", "RoundEvent", "Run", "Store"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "sqlite" if name == "Journal" else "records"
    return getattr(import_module(f"{__name__}.{home}"), name)
