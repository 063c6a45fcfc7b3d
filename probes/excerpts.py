"""Records of a log as a flight record keeps them: their shape, and nothing a customer wrote.

What the application prints of a webhook holds the message itself. So quoted text goes, but for
the few fields whose values are a vocabulary of the software; keys, numbers and stacks stay.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from firstwatch.probe import Exhibit
from firstwatch.text import strip_ansi
from firstwatch.units import format_clock
from probes.record import Record

RECORDS: Final = 200
"""The last so many records at most."""
MOST: Final = 150_000
"""Characters of all of them; the oldest are left out."""
MOST_LINES: Final = 40
"""Lines of one record; of one that is no error, `FEW_LINES`."""
FEW_LINES: Final = 12

_KEPT: Final = (
    "code|errorCode|event|event_type|message_type|content_type|created_at|status|clientVersion"
    "|syscall|severity|modelName|target"
)
_QUOTED: Final = re.compile(
    rf"(?P<kept>[\"']?\b(?:{_KEPT})[\"']?\s*:\s*\[?\s*(?:\"[\w.:+-]{{1,40}}\"|'[\w.:+-]{{1,40}}'))"
    r"|(?P<key>(?:\"[\w-]{1,40}\"|'[\w-]{1,40}')\s*:)"
    r"|(?P<call>`[\w.$]{1,60}(?:\(\))?`)"
    r"|\"(?:[^\"\\]|\\.)*(?:\"|$)|`(?:[^`\\]|\\.)*(?:`|$)|(?<!\w)'(?:[^'\\]|\\.)*(?:'(?!\w)|$)"
)


def excerpt(records: Sequence[Record], trouble: str) -> Exhibit:
    """The last records, oldest first; `trouble` is what keeps the log from being followed."""
    kept: list[list[str]] = []
    left = MOST
    for record in reversed(records):
        lines = list(_lines(record))
        left -= sum(len(line) + 1 for line in lines)
        if left < 0:
            break
        kept.append(lines)
    title = f"the last {len(kept)} records of the log"
    said = [f"not followed: {trouble}"] if trouble else []
    return Exhibit("log", title, (*said, *(line for lines in reversed(kept) for line in lines)))


def _lines(record: Record) -> Iterable[str]:
    """Its lines, the first with the time it came; quoted text is only an ellipsis."""
    at = "before  " if record.at is None else format_clock(record.at, seconds=True)
    lines = strip_ansi(record.raw.decode(errors="replace")).split("\n")
    most = MOST_LINES if record.event.is_error else FEW_LINES
    yield f"{at}  {without_quotes(lines[0])}"
    for line in lines[1:most]:
        yield f"          {without_quotes(line)}"
    if len(lines) > most:
        yield f"          … and {len(lines) - most} more lines"


def without_quotes(line: str) -> str:
    """The line with what stands in quotes left out; keys, codes and names of calls stay."""
    return _QUOTED.sub(
        lambda match: match["kept"] or match["key"] or match["call"] or "‘…’", line.rstrip()
    )
