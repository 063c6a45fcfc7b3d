"""Masking: stable pseudonyms for people and companies, and nothing at all for secrets.

The same phone number is the same `phone·7f3a` in every document of one journal, so a reader can
tell whether two lines speak of the same person. The journal's salt keeps the few digits of a
pseudonym from being guessed back. Only what a program can recognise is masked: a name that
stands in free text, and in no row or payload, is not.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from itertools import islice
from secrets import token_bytes
from typing import Final

from firstwatch.personal import (
    CONTENT,
    DIGITS,
    MAIL,
    NUMBER,
    PSEUDONYM,
    QUOTE,
    QUOTED,
    WAMID,
    is_phrase,
    mails,
)
from firstwatch.plan import Plan
from firstwatch.readings import Reading
from firstwatch.secrecy import Secrets, secrets_of
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean

SALT: Final = 16
"""Bytes of a salt."""
TELLING: Final = 4
"""So many letters of a name that was cut off may tell whose it is."""
WORDS: Final = 8
"""The most words of a name that is looked for where a text was cut off."""
_ROUNDS: Final = 6
"""What is masked may look like something else to mask; more often than this it is made to."""
_WORD = re.compile(r"[^\W_]+")
_ERROR = re.compile(r"[A-Z]\w*(?:Error|Exception|Warning)|Error")

Names = Mapping[str, str]
"""Known names and what each is: a `company` or a `name` of a person."""


@dataclass(frozen=True, slots=True)
class Masker:
    """Makes texts fit to be handed on."""

    salt: bytes = field(default_factory=lambda: token_bytes(SALT), repr=False)
    """Of the journal; without one pseudonyms are the same only within this masker."""
    names: Names = field(default_factory=dict, repr=False)
    """Names to be found wherever they stand."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Values that must stand nowhere, see `secrets_of`."""
    _secrets: Secrets = field(init=False, repr=False, compare=False)
    _known: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = field(
        init=False, repr=False, compare=False
    )
    """The names by their first word, the longest first."""
    _folded: Sequence[tuple[str, str]] = field(init=False, repr=False, compare=False)
    """Each name as it is compared and as it is written, sorted."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_secrets", Secrets(self.secrets))
        object.__setattr__(self, "_known", _by_first_word(self.names))
        folded = sorted((_fold(name), name) for name in self.names)
        object.__setattr__(self, "_folded", folded)

    def __call__(self, text: str, limit: int = 400) -> str:
        """One harmless line of at most `limit` characters with everything masked."""
        return _settled(self._masked, text, limit)

    def own(self, text: str, limit: int = 400) -> str:
        """The same of the plan's own words: what they quote is an example and stays."""
        return _settled(self._with_quotes, text, limit)

    def revealed(self, text: str, limit: int = 400) -> str:
        """One harmless line from which only secrets are gone."""
        return _settled(self._secrets.without, text, limit)

    def pseudonym(self, kind: str, what: str) -> str:
        """What stands for this phone, mail, name, company or text."""
        key = blake2s(self.salt).digest()
        said = " ".join(unicodedata.normalize("NFKC", what).casefold().split())
        digest = blake2s(f"{kind}\0{said}".encode(errors="replace"), digest_size=2, key=key)
        return f"{kind}·{digest.hexdigest()}"

    def _masked(self, line: str) -> str:
        return self._without_people(self._without_texts(self._secrets.without(line)))

    def _with_quotes(self, line: str) -> str:
        return self._without_people(self._secrets.without(line))

    def _without_texts(self, line: str) -> str:
        """Without contents and names in payloads, and without what is quoted."""
        if not QUOTE.search(line):
            return line
        return QUOTED.sub(self._quoted, CONTENT.sub(self._keyed, line))

    def _keyed(self, match: re.Match[str]) -> str:
        value = match["value"].strip("\\\"'` …")
        if not value or PSEUDONYM.fullmatch(value):
            return match[0]
        if match["content"]:
            return match["before"] + self._text(value)
        if NUMBER.fullmatch(value) or MAIL.fullmatch(value) or _ERROR.fullmatch(value):
            return match[0]
        kind = "company" if "company" in match["named"].lower() else "name"
        return match["before"] + self.pseudonym(self._kind_of(value) or kind, value)

    def _quoted(self, match: re.Match[str]) -> str:
        said = next((group for group in match.groups() if group is not None), "")
        if not is_phrase(said) or self._kind_of(said) or PSEUDONYM.fullmatch(said):
            return match[0]
        return self._text(said)

    def _text(self, said: str) -> str:
        return f"{self.pseudonym('text', said)} ({len(said)} characters)"

    def _without_people(self, line: str) -> str:
        """Without mail addresses, phone numbers and known names, pseudonyms left as they are."""
        pieces, at = [], 0
        for known in PSEUDONYM.finditer(line):
            pieces += [self._piece(line[at : known.start()]), known[0]]
            at = known.end()
        return "".join([*pieces, self._piece(line[at:])])

    def _piece(self, text: str) -> str:
        if "wamid" in text:
            text = WAMID.sub(lambda found: self.pseudonym("wamid", found[0]), text)
        text = mails(text, lambda found: self.pseudonym("mail", found))
        if DIGITS.search(text):
            text = NUMBER.sub(self._number, text)
        return self._without_cut_names(self._without_names(text))

    def _number(self, match: re.Match[str]) -> str:
        if match["kept"] is not None:
            return match[0]
        digits = "".join(str(unicodedata.digit(c)) for c in match["phone"] if c.isdecimal())
        return self.pseudonym("phone", digits.removeprefix("00"))

    def _without_names(self, text: str) -> str:
        if self._known.keys().isdisjoint(_WORD.findall(text.casefold())):
            return text
        pieces, at = [], 0
        for word in _WORD.finditer(text):
            for pattern, kind in self._known.get(word[0].casefold(), ()):
                found = pattern.match(text, word.start())
                if found and word.start() >= at:
                    pieces += [text[at : word.start()], self.pseudonym(kind, found[0])]
                    at = found.end()
                    break
        return "".join([*pieces, text[at:]])

    def _without_cut_names(self, text: str) -> str:
        """Without the beginnings of known names that something has cut off: "of Acme Tra…"."""
        if "…" not in text or not self._folded:
            return text
        *pieces, rest = text.split("…")
        return "".join(f"{self._without_cut_name(piece)}…" for piece in pieces) + rest

    def _without_cut_name(self, text: str) -> str:
        for word in islice(_WORD.finditer(text), max(len(_WORD.findall(text)) - WORDS, 0), None):
            begun = _fold(text[word.start() :])
            at = bisect_left(self._folded, (begun,))
            names = [n for folded, n in self._folded[at : at + 2] if folded.startswith(begun)]
            if names and len(begun) >= TELLING:
                # Of several names that begin so it may be any.
                name = names[0] if len(names) == 1 else begun
                return text[: word.start()] + self.pseudonym(self.names[names[0]], name)
        return text

    def _kind_of(self, text: str) -> str:
        """What a text is if it is a known name as a whole."""
        word = _WORD.search(text)
        known = self._known.get(word[0].casefold(), ()) if word else ()
        whole = text[word.start() :] if word else ""
        return next((kind for pattern, kind in known if pattern.fullmatch(whole)), "")


def masker_of(
    plan: Plan,
    snapshot: Snapshot | None = None,
    *,
    salt: bytes | None = None,
    names: Names | None = None,
) -> Masker:
    """The masker for documents about this plan, which knows the names a snapshot shows, too."""
    shown = names_of(snapshot) if snapshot else {}
    known = {**(names or {}), **shown}
    return Masker(salt or token_bytes(SALT), known, secrets_of(plan))


def names_of(snapshot: Snapshot) -> dict[str, str]:
    """The names of companies in the rows of a snapshot."""
    readings = [state.reading for state in snapshot.checks if state.reading]
    return {name: kind for reading in readings for name, kind in names_in(reading).items()}


def names_in(reading: Reading) -> dict[str, str]:
    """The names of companies in the rows of a reading: those with the company's id beside them."""
    return dict.fromkeys(reading.companies.values(), "company")


def names_said(texts: Iterable[str]) -> dict[str, str]:
    """The names of people and companies in payloads and errors of the application's log."""
    found = {}
    for match in (match for text in texts for match in CONTENT.finditer(clean(text, 16_000))):
        value = match["value"].strip("\\\"'` …")
        is_name = not match["content"] and len(value) > 1 and not PSEUDONYM.fullmatch(value)
        if is_name and not NUMBER.fullmatch(value) and not _ERROR.fullmatch(value):
            found[value] = "company" if "company" in match["named"].lower() else "name"
    return found


def _fold(name: str) -> str:
    """A name as it is compared with others."""
    return " ".join(unicodedata.normalize("NFC", clean(name)).casefold().split())


def _by_first_word(names: Names) -> dict[str, tuple[tuple[re.Pattern[str], str], ...]]:
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        for said in {clean(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")}:
            if word := _WORD.search(said):
                pattern = r"\s+".join(map(re.escape, said[word.start() :].split()))
                flags = re.IGNORECASE if len(name) > 3 else re.NOFLAG
                whole = re.compile(rf"{pattern}(?![^\W_])", flags)
                found.setdefault(word[0].casefold(), []).append((whole, names[name]))
    return {word: tuple(patterns) for word, patterns in found.items()}


def _settled(mask: Callable[[str], str], text: str, limit: int) -> str:
    """The text masked until masking it again would change nothing."""
    line = clean(text, 4 * limit)
    for _ in range(_ROUNDS):
        masked = clean(mask(line), limit)
        if masked == line:
            return line
        line = masked
    return "…"
