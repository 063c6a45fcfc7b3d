"""The journal: the append-only store of all that happened, one SQLite file a watch."""

from firstwatch.journal.records import BEAT, Extent, RoundEvent, Run, Store
from firstwatch.journal.sqlite import Journal

__all__ = ["BEAT", "Extent", "Journal", "RoundEvent", "Run", "Store"]
