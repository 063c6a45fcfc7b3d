"""Secrets: what of a plan is one, and any text without them, by value and by shape.

A secret never gets into a text by construction: settings hold it wrapped, and no probe repeats it.
This is for what others repeat: a server that quotes the token it refused, a log line with a header.
"""

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from pydantic import BaseModel, SecretStr

from firstwatch.plan import Plan
from firstwatch.text import clean

GONE: Final = "…"
"""What stands for a secret; nothing about it is told, not even whether it is the same."""
LEAST: Final = 4
"""A shorter value cannot be told from ordinary words, and is left."""
INDENT: Final = 40
"""The most spaces that a line keeps at its beginning."""
_WORD: Final = 16
_PIECE: Final = 6
"""The beginning of a secret that was cut off is gone if it is as long as this."""
_ORDINARY: Final = frozenset(
    {"true", "false", "none", "null", "production", "development", "test", "staging", "localhost"}
)
"""Values of environment variables that every text has."""

_WORDS = r"(?:password|passwd|passphrase|pwd|secret|token|credentials?|signature)"
_KEY = (
    rf"(?<![\w-])(?:[\w-]*{_WORDS}|key"
    r"|[\w-]*(?:api|access|private|auth|secret|signing|account|admin)[_-]?key)"
)
_COMPOUND = r"(?<![\w-])(?:[\w-]+[_-](?:password|secret|token|key)|(?:api|access)(?:token|key))"
_SCHEME = r"(?:bearer|basic|token|digest|negotiate|apikey)"
_OPEN, _QUOTED = r"\\?[\"']?", r"\"[^\"]*\"?|'[^']*'?"


def _patterns(
    *rows: tuple[str, str], flags: re.RegexFlag = re.IGNORECASE
) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, flags), told) for pattern, told in rows)


_BY_KEY: Final = _patterns(
    (rf"({_KEY}=)(?:{_QUOTED}|[^\s&;,\"'\\)]+)", rf"\1{GONE}"),
    (rf"(--[\w-]*(?:{_WORDS}|key)\s+)(?:{_QUOTED}|[^\s-]\S*)", rf"\1{GONE}"),
    # A colon also stands in prose: there only what looks like a token is one.
    (rf"({_KEY}{_OPEN}\s*[:=]>?\s*)(?:\\\"[^\"]*\"?|\"[^\"]+\"?|'[^']+'?)", rf"\1{GONE}"),
    (rf"({_COMPOUND}{_OPEN}\s*:\s*)[^\s\"',;{{}}\[\]]{{4,}}", rf"\1{GONE}"),
    (
        rf"({_KEY}\s*[:=]\s+)(?=[^\s,;]{{20}}|[^\s,;]*\d)(?!\d+\b)[^\s\"',;{{}}]{{6,}}",
        rf"\1{GONE}",
    ),
)
"""Values that stand behind the name of a secret."""

_BY_SHAPE: Final = _patterns(
    (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", GONE),
    (rf"(\w{{2,20}}://)(?:[^\s/'\"@]*:|{GONE}@)[^\s/'\"]*@", rf"\1{GONE}@"),
    (
        rf"(\b(?:proxy-)?authorization{_OPEN}\s*[:=]\s*{_OPEN})(?:{_SCHEME}\s+)?[^\s\"',;\\]+",
        rf"\1{GONE}",
    ),
    (rf"(\b(?:set-)?cookie{_OPEN}\s*:\s*)(?!null|undefined)\S.*", rf"\1{GONE}"),
    (
        r"\b(bearer|basic)\s+(?=[\w.~+/=-]{20}|[\w.~+/=-]*[\d_=+/])[\w.~+/=-]{4,}",
        rf"\1 {GONE}",
    ),
) + _patterns(
    (r"\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?", GONE),
    (r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b", GONE),
    (r"\b(?:gh[pousr]_|github_pat_|glpat-)[\w-]{10,}", GONE),
    (r"\bxox[abeoprs]-[\w-]{6,}", GONE),
    (r"\b(?:[srp]k_(?:live|test)_|whsec_|sk-)[\w-]{10,}", GONE),
    (r"\bAIza[\w-]{20,}|\bEAA[A-Za-z0-9]{20,}", GONE),
    flags=re.NOFLAG,
)
"""Secrets that look like one, or stand where one stands."""

_KEY_HINT = re.compile(rf"(?:{_WORDS}|key)[\\\"']*\s*[:=]|--\w", re.IGNORECASE)
_SHAPE_HINT = re.compile(
    r"://|authorization|cookie|bearer|basic|PRIVATE KEY"
    r"|eyJ|A[KS]IA|AROA|AIDA|gh[pousr]_|glpat|github_pat|xox|_live_|_test_|whsec|sk-|AIza|EAA",
    re.IGNORECASE,
)
# Without a hint none of them fits: most texts have none.
_SECRET_NAME = re.compile(rf"{_WORDS}|key|dsn|auth", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Known secrets, and their removal from texts."""

    values: tuple[str, ...] = field(default=(), repr=False)
    """As people have them; their other spellings are found, too."""
    _spelt: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """Every spelling, the longest first."""

    def __post_init__(self) -> None:
        known = (value for value in self.values if _is_telling(value))
        spelt = {one for value in known for one in _spellings(value) if _is_telling(one)}
        ordered = tuple(sorted(spelt, key=lambda one: (-len(one), one)))
        object.__setattr__(self, "_spelt", ordered)

    def without(self, text: str) -> str:
        """The text without these secrets, whole or cut off, and without what looks like one."""
        return by_shape(self.verbatim(text))

    def line(self, text: str, limit: int) -> str:
        """A line to be shown, harmless and without these secrets; its indentation stays."""
        indent = len(text) - len(text.lstrip(" "))
        # Made harmless first: what cannot be seen might stand in the middle of a secret.
        return " " * min(indent, INDENT) + self.without(clean(text[indent:], limit))

    def verbatim(self, text: str) -> str:
        """The text without these secrets; whatever else looks like one stays."""
        for secret in self._spelt:
            if secret in text:
                text = text.replace(secret, GONE)
        return self._without_pieces(text)

    def _without_pieces(self, text: str) -> str:
        """Where the text was cut, the cut may have gone through a secret."""
        begun = [secret for secret in self._spelt if secret[:_PIECE] in text]
        if not begun:
            return text
        ends = [at for at, letter in enumerate(text) if letter == GONE]
        for end in (len(text), *reversed(ends)):
            size = max(self._begun(text[:end], secret) for secret in begun)
            if size:
                text = f"{text[: end - size]}{GONE}{text[end:].removeprefix(GONE)}"
        return text

    @staticmethod
    def _begun(text: str, secret: str) -> int:
        """How many letters at the end of the text are the beginning of this secret."""
        longest = min(len(secret) - 1, len(text))
        lengths = range(longest, _PIECE - 1, -1)
        return next((size for size in lengths if text.endswith(secret[:size])), 0)


def by_shape(text: str) -> str:
    """The text without passwords, tokens and keys that can be told by what stands around them."""
    hinted = (_SHAPE_HINT, _BY_SHAPE), (_KEY_HINT, _BY_KEY)
    for pattern, told in (row for hint, rows in hinted if hint.search(text) for row in rows):
        text = pattern.sub(told, text)
    return text


def secrets_of(plan: Plan) -> tuple[str, ...]:
    """Every secret of a plan: what it holds wrapped, and what came from elsewhere."""
    held = list(_wrapped(plan))
    named = {part for value in held for part in _places(value)}
    taken = [value.get_secret_value() for value in plan.taken]
    return _with_parts([*held, *(value for value in taken if value not in named)])


def secrets_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What of the environment is a secret by its name, or an address with one in it."""
    named = [value for name, value in environ.items() if _SECRET_NAME.search(name)]
    addresses = [value for value in environ.values() if "://" in value and "@" in value]
    return _with_parts([*named, *addresses])


def _wrapped(value: Any) -> Iterator[str]:
    """Every wrapped value, and the passwords of addresses that stand open."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, str) and "://" in value:
        yield from _of_address(value)
    elif isinstance(value, BaseModel):
        yield from _wrapped(value.__dict__)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _wrapped(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _wrapped(inner)


def _places(value: str) -> Iterator[str]:
    """Of a secret address what people are told: user, host and database."""
    try:
        parts = urlsplit(value)
        yield from (parts.username or "", parts.hostname or "", parts.path.strip("/"))
    except ValueError:
        return


def _with_parts(values: Iterable[str]) -> tuple[str, ...]:
    found = {part: None for value in values for part in (value.strip(), *_parts(value.strip()))}
    return tuple(part for part in found if _is_telling(part))


def _parts(value: str) -> Iterator[str]:
    """What is secret in a secret: the password of an address, the token behind its scheme."""
    if "://" in value:
        yield from _of_address(value)
        if value.startswith("http"):
            # Whoever may ping is told by a long word in the path.
            yield from (step for step in value.split("/")[3:] if len(step) >= _WORD)
        return
    scheme, _, rest = value.partition(" ")
    if rest and scheme.isalpha():
        yield rest.strip()
    if scheme.lower() == "basic":
        try:
            login = base64.b64decode(rest.strip()).decode()
        except (binascii.Error, UnicodeDecodeError):
            return
        yield login.partition(":")[2]


def _of_address(value: str) -> Iterator[str]:
    try:
        parts = urlsplit(value)
        password = parts.password or ""
    except ValueError:
        return
    yield password
    yield unquote(password)
    for key, text in parse_qsl(parts.query):
        if _SECRET_NAME.search(key):
            yield text


def _is_telling(value: str) -> bool:
    has_letters = any(letter.isalnum() for letter in value)
    return len(value) >= LEAST and has_letters and value.lower() not in _ORDINARY


def _spellings(secret: str) -> set[str]:
    encoded = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    encoded |= {re.sub(r"%[0-9A-F]{2}", lambda code: code[0].lower(), one) for one in encoded}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {
        secret,
        clean(secret, len(secret) + 1),
        html.escape(secret),
        repr(secret)[1:-1],
        *encoded,
        *escaped,
    }
