"""The journal: the append-only store of all that happened, one SQLite file a watch."""

from firstwatch.journal.records import BEAT, Extent, Note, RoundEvent, Run, SignOff, Store
from firstwatch.journal.sqlite import Journal

__all__ = ["BEAT", "Extent", "Journal", "Note", "RoundEvent", "Run", "SignOff", "Store"]
