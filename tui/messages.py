"""The messages of the board."""

from textual.message import Message

from firstwatch.snapshot import Snapshot


class SnapshotArrived(Message):
    """The watch has a new snapshot; a later one replaces it."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Only the latest matters."""
        return isinstance(message, SnapshotArrived)


class LogWanted(Message):
    """Somebody wants to read the log."""

    def __init__(self, at: float | None = None) -> None:
        """`at` is the moment to open it at; None: as it is written."""
        super().__init__()
        self.at = at
