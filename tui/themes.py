"""Themes are TOML files: a name, base colours, and a colour for each status role."""

import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final

from textual.color import Color, ColorParseError
from textual.theme import Theme

from firstwatch.config.wording import suggestion
from firstwatch.resources import resource
from firstwatch.text import clean
from tui.terminal import AUTO

ROLES: Final = (
    "ok",
    "idle",
    "pending",
    "off-target",
    "unknown",
    "warning",
    "critical",
    "blind",
    "dim",
    "rule",
)
"""What `[status]` colours; all of it must be there."""
SPARKLINES: Final = "trend"
"""What `[status]` may colour as well; without it they are dim."""
BASE: Final = ("primary", "foreground", "background", "surface", "panel", "accent")
"""What `[base]` colours; `primary` must be there."""
EMPHASIS: Final = ("none", "bold", "underline", "reverse")
"""What `[emphasis]` may add to a role: all of it is known to the oldest terminals."""
KEYS: Final = ("name", "dark", "ansi", "base", "status", "emphasis")
"""What a theme may hold."""
FALLBACK: Final[Mapping[str, str]] = {
    "status-ok": "#6f9f7a",
    "status-idle": "#7f8c98",
    "status-pending": "#8fb4d8",
    "status-off-target": "#d8b25c",
    "status-unknown": "#c58fd8",
    "status-warning": "#f0a83c",
    "status-critical": "#ff5f56",
    "status-blind": "#c58fd8",
    "status-dim": "#7d8792",
    "status-rule": "#4b5560",
    "status-trend": "#66717c",
    **{f"emphasis-{role}": "none" for role in (*ROLES, SPARKLINES)},
    "emphasis-warning": "bold",
    "emphasis-critical": "bold reverse",
}
"""Roles as they look under a theme that says nothing of them."""
LARGEST: Final = 64 * 1024
"""Bytes that a theme may take; whatever is larger is something else."""


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes that could be read, and a line about each that could not."""

    found: tuple[Theme, ...]
    broken: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in the order in which they are offered."""
        return tuple(theme.name for theme in self.found)


def user_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where people put their own themes."""
    base = environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base else Path.home() / ".config") / "firstwatch" / "themes"


def load_themes(*folders: Path) -> Themes:
    """All themes of the given folders; of two with one name the later one counts.

    Without folders: those that ship with firstwatch, then the user's own.
    """
    found: dict[str, Theme] = {}
    broken: list[str] = []
    for folder in folders or (resource("themes"), user_folder()):
        try:
            files = sorted(folder.glob("*.toml"))
        except OSError as error:
            broken.append(clean(f"{folder}: {error.strerror or error}", 160))
            continue
        for file in files:
            try:
                theme = read_theme(file)
            except OSError as error:
                broken.append(clean(f"{file.name}: {error.strerror or error}", 160))
            except ValueError as error:
                broken.append(clean(f"{file.name}: {error}", 160))
            else:
                found[theme.name] = theme
    return Themes(tuple(found.values()), tuple(broken))


def read_theme(file: Path) -> Theme:
    """One theme from its file. Raises OSError or ValueError saying what is wrong with it."""
    content = _content(file)
    for key in content:
        _known(key, KEYS, "a theme")
    base = _colours(content, "base", BASE)
    if "primary" not in base:
        raise ValueError("[base] needs primary")
    status = _colours(content, "status", (*ROLES, SPARKLINES))
    missing = [role for role in ROLES if role not in status]
    if missing:
        raise ValueError(f"[status] needs {', '.join(missing)}")
    status.setdefault(SPARKLINES, status["dim"])
    ansi = _switch(content, "ansi", default=False)
    return Theme(
        name=_name(content, file),
        primary=base["primary"],
        foreground=base.get("foreground"),
        background=base.get("background"),
        surface=base.get("surface"),
        panel=base.get("panel"),
        accent=base.get("accent"),
        warning=status["warning"],
        error=status["critical"],
        success=status["ok"],
        dark=_switch(content, "dark", default=True),
        ansi=ansi,
        variables={
            **(_native(base) if ansi else {}),
            **_cursors(base),
            **{f"status-{role}": colour for role, colour in status.items()},
            **{f"emphasis-{role}": words for role, words in _emphasis(content).items()},
        },
    )


def _cursors(base: Mapping[str, str]) -> dict[str, str]:
    """The cursors of Textual's own lists and fields: the two colours, changed over.

    The terminal's own two cannot be; there a field's is reversed, and a list's underlined, for of
    a list's Textual drops reverse.
    """
    text, behind = (base.get(part, "") for part in ("foreground", "background"))
    if not (text and behind):
        return {}
    cursors = ("block-cursor", "input-cursor", "input-selection")
    return {
        **{f"{cursor}-foreground": behind for cursor in cursors},
        **{f"{cursor}-background": text for cursor in cursors},
        "block-cursor-text-style": "bold underline" if text == behind else "bold",
        "input-cursor-text-style": "reverse" if text == behind else "none",
    }


def _native(base: Mapping[str, str]) -> dict[str, str]:
    """What Textual would draw see-through, or in colours of its own, under an `ansi` theme."""
    text = base.get("foreground", "ansi_default")
    behind = base.get("background", "ansi_default")
    return {
        **dict.fromkeys(("text", "text-muted", "text-disabled", "ansi-foreground"), text),
        **{name: base.get(name, behind) for name in ("surface", "panel")},
        **dict.fromkeys(("border", "scrollbar", "scrollbar-active"), base["primary"]),
        "boost": behind,
        "ansi-background": behind,
    }


def _content(file: Path) -> dict[str, Any]:
    """What the file holds. Raises OSError or ValueError where that is no theme at all."""
    if not S_ISREG(file.stat().st_mode):
        raise ValueError("is not a file")
    with file.open("rb") as source:
        read = source.read(LARGEST + 1)
    if len(read) > LARGEST:
        raise ValueError(f"is larger than {LARGEST // 1024} kB")
    try:
        return tomllib.loads(read.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except RecursionError:
        raise ValueError("is nested too deep") from None


def _known(key: str, known: Collection[str], where: str) -> None:
    """Nothing where the key is known. Raises ValueError with the nearest one."""
    if key not in known:
        raise ValueError(f"{where} has no {clean(key, 40)!r}{suggestion(key, known)}")


def _name(content: Mapping[str, Any], file: Path) -> str:
    """What the theme is called; without a name, as its file. Raises ValueError for none."""
    given = content.get("name", file.stem)
    name = clean(given, 40) if isinstance(given, str) else ""
    if not name:
        raise ValueError("name is not a text")
    if name == AUTO:
        raise ValueError(f"{AUTO} is no name for a theme: it stands for the one that fits")
    return name


def _switch(content: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = content.get(key, default)
    if isinstance(value, bool):
        return value
    raise ValueError(f"{key} is neither true nor false")


def _table(content: Mapping[str, Any], table: str, known: tuple[str, ...]) -> dict[str, Any]:
    """One table of known keys. Raises ValueError for a key or a table that is none."""
    values = content[table]
    if isinstance(values, dict):
        for key in values:
            _known(key, known, f"[{table}]")
        return values
    raise ValueError(f"[{table}] is not a table")


def _colours(content: Mapping[str, Any], table: str, known: tuple[str, ...]) -> dict[str, str]:
    """One table of colours. Raises ValueError for a key or a colour that is none."""
    if not content.get(table):
        raise ValueError(f"[{table}] is missing")
    values = _table(content, table, known)
    return {key: _colour(value, f"[{table}] {key}") for key, value in values.items()}


def _colour(value: object, where: str) -> str:
    """The colour as a style sheet may hold it. Raises ValueError unless it is an opaque one."""
    said = clean(repr(value), 40)
    try:
        colour = Color.parse(value) if isinstance(value, str) else None
    except ColorParseError:
        colour = None
    if colour is None or colour.auto:
        raise ValueError(f"{where}: {said} is not a colour")
    if colour.ansi is None and colour.a < 1:
        raise ValueError(f"{where}: {said} lets through what is behind it")
    return colour.css if colour.ansi is not None else colour.hex


def _emphasis(content: Mapping[str, Any]) -> dict[str, str]:
    """What roles carry beside their colour. Raises ValueError for a word that is none."""
    values = _table(content, "emphasis", ROLES) if "emphasis" in content else {}
    for role, words in values.items():
        if not isinstance(words, str) or not words.strip():
            raise ValueError(f"[emphasis] {role} is not a text")
        for word in words.split():
            _known(word, EMPHASIS, "[emphasis]")
    return {role: " ".join(words.split()) for role, words in values.items()}
