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

    def __init__(self, at: float | None = None, about: str = "") -> None:
        """`at` is the moment to open it at, None: as it is written; `about` whose moment it is."""
        super().__init__()
        self.at = at
        self.about = about


class CopyWanted(Message):
    """Somebody wants a text in the clipboard."""

    def __init__(self, text: str, otherwise: str = "") -> None:
        """`otherwise` is what else to do, said where it may not have come to a clipboard."""
        super().__init__()
        self.text = text
        self.otherwise = otherwise
