"""Rounds that were missed, as lines."""

from collections.abc import Sequence

from firstwatch.rounds import RoundState, RoundStatus
from firstwatch.text import clean
from tui.renderables.ages import clock_time
from tui.renderables.glyphs import Glyphs
from tui.renderables.lines import EMPTY, Line, Role, pad
from tui.renderables.slips import asking_lines, key_lines, told, window


def missed_lines(
    top: str,
    rounds: Sequence[RoundState],
    at: int,
    words: tuple[str, str],
    glyphs: Glyphs,
    size: tuple[int, int],
) -> list[Line]:
    """Rounds that were missed under what can be said of the next one.

    `words` are why nothing was recorded, and what is being typed; mostly neither.
    """
    width, height = size
    message, asking = words
    count = f"{len(rounds)} rounds were" if len(rounds) != 1 else "a round was"
    head = [
        *told("", top, Role.TEXT, width),
        ((f"! {count} missed, and nobody has said why", Role.WARNING),),
        EMPTY,
    ]
    rows: list[list[Line]] = [
        [
            (
                (glyphs.pointer if number == at else " ", Role.STRONG),
                (f" {glyphs.rounds[RoundStatus.MISSED]} ", Role.CRITICAL),
                (f"round {state.round.name}", Role.CURSOR if number == at else Role.STRONG),
                (f", due {clock_time(state.round.due)}, ", Role.TEXT),
                (f"missed at {clock_time(state.round.closes)} UTC", Role.TEXT),
            )
        ]
        for number, state in enumerate(rounds)
    ]
    foot: list[Line] = [EMPTY]
    if message:
        foot += told("! ", clean(message), Role.WARNING, width)
    if asking:
        foot += asking_lines(asking, width)
    else:
        choose = [("↑↓", "choose")] if len(rounds) > 1 else []
        foot += key_lines((("n", "say why"), *choose, ("esc", "back")), width)
    room = max(height - len(head) - len(foot), 1)
    return [pad(line, width) for line in (*head, *window(rows, at, room), *foot)][:height]
