"""Themes are TOML files: a name, base colours, and one colour for each status role."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from firstwatch.resources import resource
from firstwatch.text import clean

ROLES = (
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
"""What `[status]` colours."""
BASE = ("primary", "foreground", "background", "surface", "panel", "accent")
"""What `[base]` colours; `primary` must be there."""
FALLBACK: Mapping[str, str] = {
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
}
"""Status colours under a theme that has none of its own."""


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes that could be read, and a line about each that could not."""

    found: tuple[Theme, ...]
    broken: tuple[str, ...] = ()


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
            broken.append(f"{folder}: {error.strerror or error}")
            continue
        for file in files:
            try:
                theme = read_theme(file)
            except (OSError, ValueError) as error:
                broken.append(clean(f"{file.name}: {error}", 160))
            else:
                found[theme.name] = theme
    return Themes(tuple(found.values()), tuple(broken))


def read_theme(file: Path) -> Theme:
    """One theme from its file. Raises OSError or ValueError saying what is wrong with it."""
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    base = _colours(content, "base", BASE)
    if "primary" not in base:
        raise ValueError("[base] needs primary")
    status = _colours(content, "status", ROLES)
    missing = [role for role in ROLES if role not in status]
    if missing:
        raise ValueError(f"[status] needs {', '.join(missing)}")
    known = {"name", "dark", "ansi", "base", "status"}
    if strange := sorted(content.keys() - known):
        raise ValueError(f"unknown key {strange[0]}")
    ansi = bool(content.get("ansi", False))
    # Textual's own styles ask for more of a theme in the terminal's colours.
    native = BUILTIN_THEMES["ansi-dark"].variables if ansi else {}
    return Theme(
        name=clean(str(content.get("name", file.stem)), 40),
        primary=base["primary"],
        foreground=base.get("foreground"),
        background=base.get("background"),
        surface=base.get("surface"),
        panel=base.get("panel"),
        accent=base.get("accent"),
        warning=status["warning"],
        error=status["critical"],
        success=status["ok"],
        dark=bool(content.get("dark", True)),
        ansi=ansi,
        variables={**native, **{f"status-{role}": colour for role, colour in status.items()}},
    )


def _colours(content: Mapping[str, Any], table: str, known: tuple[str, ...]) -> dict[str, str]:
    """One table of colours. Raises ValueError for a key or a colour that is none."""
    values = content.get(table)
    if not values or not isinstance(values, dict):
        raise ValueError(f"[{table}] is missing")
    for key, value in values.items():
        if key not in known:
            raise ValueError(f"[{table}] has no {key} (known: {', '.join(known)})")
        try:
            Color.parse(value)
        except (ColorParseError, TypeError, AttributeError) as error:
            raise ValueError(f"[{table}] {key}: {value!r} is not a colour") from error
    return values
