"""Records: the application's log put together again, from bytes to one event each.

A record starts at column 0 with a known head or in plain words; indented lines, stacks,
`{` blocks and blank lines belong to the record before. A failed database call is printed
twice, by Prisma and by the application; such a pair becomes one record, the application's.
"""

import re
from dataclasses import dataclass
from typing import Final

from probes import heads
from probes.heads import DUPLICATE, LOST, PRISMA_ERROR, Opening
from probes.pairs import Pairs
from probes.record import MAX_TEXT, Record

MAX_LINE: Final = 1 << 20
"""Bytes of a line that are waited for; the rest of a longer one is let go."""
QUIET: Final = 0.5
"""Real seconds without another line after which a record is taken to be complete."""

_ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CALL = re.compile(rb"Invalid `(?:prisma\.)?([\w.$]{1,60})\(\)` invocation")
_SERVER_CODE = re.compile(rb'PostgresError \{ code: "([0-9A-Z]{5})"')
_OWN_CODE = re.compile(rb"\s*(?:code|errorCode): '([A-Z0-9_]{3,40})'")
_TEXTS: Final = (
    (rb"Authentication failed against database", "P1000"),
    (rb"Can't reach database server", "P1001"),
    (rb"Operations timed out after|Timed out during query execution", "P1008"),
    (rb"Server has closed the connection", "P1017"),
    (rb"Unique constraint failed", "P2002"),
    (rb"Foreign key constraint (?:failed|violated)", "P2003"),
    (rb"Timed out fetching a new connection", "P2024"),
    (rb"required but not found", "P2025"),
    (rb"Transaction API error|Unable to start a transaction", "P2028"),
    (rb"write conflict or a deadlock", "P2034"),
    (rb"Too many database connections opened", "P2037"),
    (rb"too many clients already|remaining connection slots", "53300"),
    (rb"No space left on device", "53100"),
    (rb"in a read-only transaction", "25006"),
    (rb"terminating connection due to administrator command", "57P01"),
)
_TEXT_CODE = re.compile(b"|".join(b"(" + text + b")" for text, _ in _TEXTS))


@dataclass(slots=True)
class _Draft:
    """A record whose lines are still coming."""

    opening: Opening
    at: float | None
    lines: list[bytes]
    room: int
    is_error: bool
    in_message: bool
    """Within a message of Prisma's, whose lines go on at column 0."""
    code: str = ""
    call: str = ""
    message: bytes = b""

    @property
    def wants_more(self) -> bool:
        """Whether another line would tell anything."""
        return self.is_error or self.room > 0

    def add(self, line: bytes) -> bool:
        """One more line; whether another would tell anything."""
        if self.room > 0:
            self.lines.append(line[: self.room])
            self.room -= len(line) + 1
        if self.is_error:
            self._examine(line)
            return True
        return self.room > 0

    def _examine(self, line: bytes) -> None:
        """One more line of an error: what it says of the failed call."""
        if line[0] <= 32:
            if line.startswith(b"    at "):
                self.in_message = False
            elif not self.code and (match := _OWN_CODE.match(line)):
                self.code = match[1].decode()
            return
        self.say(line)

    def say(self, line: bytes) -> None:
        """A line at column 0: in it Prisma names the call and tells what went wrong."""
        line = line[:1000]
        if not self.call and (match := _CALL.search(line)):
            self.call = match[1].decode()
            self.in_message = True
        elif self.call and self.in_message and not self.message and line[0] in _LETTERS:
            self.message = line[:200]
        if self.code or not self.in_message:
            return
        if match := _SERVER_CODE.search(line):
            self.code = match[1].decode()
        elif match := _TEXT_CODE.search(line):
            self.code = _TEXTS[(match.lastindex or 1) - 1][1]

    def finish(self) -> Record:
        event = self.opening.event
        code = self.opening.code or self.code
        if event is LOST and code == "P2002":
            event = DUPLICATE
        raw = b"\n".join(self.lines)[:MAX_TEXT]
        took = self.opening.milliseconds
        return Record(event, self.at, raw, code, self.call, took, self.message)


_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


class Assembler:
    """Turns the bytes of a log, split anywhere, into records."""

    def __init__(self, pairs: Pairs | None = None) -> None:
        """`pairs` is shared by the streams of one application."""
        self._carry = b""
        self._skipping = False
        self._draft: _Draft | None = None
        self._touched = 0.0
        self._starting = False
        self._pairs = pairs or Pairs()

    def feed(self, data: bytes, at: float | None, real: float) -> list[Record]:
        """The records that these bytes complete. `at` is when they arrived; `real` never jumps."""
        if b"\0" in data:
            data = data.replace(b"\0", b"")
        if not data:
            return []
        self._touched = real
        lines = self._lines(data)
        return list(self._pairs.admit(self._assemble(lines, at), real)) if lines else []

    def settle(self, real: float, *, final: bool = False) -> list[Record]:
        """The records that are complete because nothing followed."""
        done: list[Record] = []
        if self._draft and (final or real - self._touched >= QUIET):
            done.append(self._draft.finish())
            self._draft = None
        out = list(self._pairs.admit(done, real))
        out.extend(self._pairs.release(real, final=final))
        return out

    def _lines(self, data: bytes) -> list[bytes]:
        head, newline, rest = data.rpartition(b"\n")
        if not newline:
            return self._hold(rest)
        block = self._carry + head
        self._carry = b""
        if self._skipping:
            block = block.partition(b"\n")[2]
            self._skipping = False
        overlong = self._hold(rest)
        if b"\x1b" in block:
            block = _ANSI.sub(b"", block)
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").removesuffix(b"\r")
        return block.split(b"\n") + overlong

    def _hold(self, rest: bytes) -> list[bytes]:
        """Keep the beginning of a line for later; one that grows too long is taken as it is."""
        if self._skipping:
            return []
        self._carry += rest
        if len(self._carry) <= MAX_LINE:
            return []
        line, self._carry, self._skipping = self._carry[:MAX_LINE], b"", True
        return [_ANSI.sub(b"", line[:MAX_TEXT])]

    def _assemble(self, lines: list[bytes], at: float | None) -> list[Record]:
        done: list[Record] = []
        draft = self._draft
        wanted = draft is not None and draft.wants_more
        for printed in lines:
            if printed.startswith(b"  ") and not printed.startswith(heads.START_MARK):
                if wanted and draft is not None:
                    wanted = draft.add(printed)
                continue
            line = printed
            if printed[:1].isalnum() and not printed.startswith(b"prisma:"):
                line = heads.unwrapped(printed)
            opening = self._opening(line, draft) if line else None
            if opening is not None:
                if draft is not None:
                    done.append(draft.finish())
                draft = _begin(opening, line, at)
                wanted = draft.wants_more
            elif wanted and draft is not None and line:
                wanted = draft.add(line)
        self._draft = draft
        return done

    def _opening(self, line: bytes, draft: "_Draft | None") -> Opening | None:
        """What this line opens, seen over time: the start and its "Ready" are one restart."""
        opening = _opening(line, draft)
        if opening is None or opening.event is not heads.RESTART:
            return opening
        goes_on = opening.ready and self._starting
        self._starting = not opening.ready
        return None if goes_on else opening


def _begin(opening: Opening, line: bytes, at: float | None) -> _Draft:
    event = opening.event
    in_message = event.is_error and (event is PRISMA_ERROR or b"PrismaClient" in line[:400])
    room = MAX_TEXT - len(line) - 1
    draft = _Draft(opening, at, [line[:MAX_TEXT]], room, event.is_error, in_message)
    if event.is_error:
        draft.say(line)
    return draft


def _opening(line: bytes, draft: _Draft | None) -> Opening | None:
    """What this line opens; None when it belongs to the record before."""
    first = line[0]
    if first == 91:
        return heads.tagged(line)
    if first == 32:
        return heads.marked(line) or heads.request(line)
    if first in _LETTERS:
        if line.startswith(b"prisma:"):
            return heads.prisma(line)
        return heads.bare(line, within_message=draft is not None and draft.in_message)
    return heads.marked(line) if first == 0xE2 else None
