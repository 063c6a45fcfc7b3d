"""Log records as a person may read them: harmless, and without the secrets of the plan."""

from firstwatch.plan import Plan
from firstwatch.probe import LogRecord
from firstwatch.secrecy import Secrets, secrets_of

LONGEST = 4096
"""Characters of a line at most; what is kept of a record is shorter."""


class Reader:
    """Reads records, each of them once, and only when somebody looks at it."""

    def __init__(self, plan: Plan) -> None:
        self._secrets = Secrets(secrets_of(plan))
        self._read: dict[int, tuple[str, ...]] = {}

    def lines(self, record: LogRecord) -> tuple[str, ...]:
        """The lines of a record; indentation stays."""
        known = self._read.get(record.number)
        if known is None:
            text = record.raw.decode(errors="replace")
            known = self._read[record.number] = tuple(map(self.words, text.split("\n")))
        return known

    def words(self, line: str) -> str:
        """One line."""
        return self._secrets.line(line, LONGEST)

    def forget(self, before: int | None = None) -> None:
        """Let go of the records before that number; of all, for another log counts anew."""
        kept = self._read.items() if before is not None else ()
        self._read = {n: lines for n, lines in kept if n >= (before or 0)}
