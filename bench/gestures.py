"""What a person does at the board, in keys; each gesture waits until the board shows it is done."""

import contextlib
import re
import time
from collections.abc import Callable, Mapping

from bench.terminal import PATIENCE, Terminal, Unseen

HOUR = 3600.0
SINCE = re.compile(r"T([+−])([0-9]+):([0-9]{2}):([0-9]{2})")
CARD = re.compile(r"round (\S+) of [0-9]+")
TYPING = "enter keep  esc drop"
LACKING = re.compile(r"needs? a word")
POINTER = "▸"
MOST = 60
"""The most key presses spent on one thing that should take a few."""
LAG = 4.0
"""Real seconds after which a key that had no effect may be pressed again."""
SLACK = 30.0
"""Real seconds that the clock of the board may hang behind before something is wrong."""


class Person:
    """Whoever sits at the board: presses keys, reads the screen, and knows nothing else."""

    def __init__(self, terminal: Terminal, speed: float) -> None:
        self._at = terminal
        self._speed = speed

    def clock(self) -> float | None:
        """Hours since the launch, as the header says; None where there is no header."""
        found = SINCE.search(self._at.screen())
        if found is None:
            return None
        sign = 1 if found[1] == "+" else -1
        return sign * (int(found[2]) + int(found[3]) / 60 + int(found[4]) / 3600)

    def wait(self, hour: float) -> None:
        """Wait until so many hours after the launch. Raises Unseen where the clock stands still."""
        now = self.clock()
        ends = time.monotonic() + max(hour - (now or 0.0), 0.0) * HOUR / self._speed + SLACK
        while now is None or now < hour:
            if time.monotonic() > ends:
                raise Unseen(f"T+{hour:.2f} h never came\n{self._at.screen().rstrip()}")
            time.sleep(0.25)
            now = self.clock()

    def _home(self, words: str) -> None:
        """Close what is open, whose frame says these words."""
        for _ in range(3):
            if words not in self._at.screen():
                return
            self._at.press("Escape")
            time.sleep(0.5)
        self._at.hides(words)

    def sign(self, name: str, words: Mapping[str, str] | None = None, note: str = "") -> None:
        """Sign a round; `words` are notes on items, by what the card calls them."""
        notes = dict(words or {})
        self._at.press("s")
        self._at.until(
            lambda screen: (
                (found := CARD.search(screen)) is not None
                and found[1] == name
                and ("enter signs" in screen or bool(LACKING.search(screen)))
            ),
            f"card of round {name}",
            PATIENCE,
        )
        if note:
            self._at.press("N")
            self._at.shows("note on the round:")
            self._at.type(note)
            self._at.press("Enter")
            self._at.hides("note on the round:")
        ends = time.monotonic() + SLACK
        while time.monotonic() < ends:
            screen = self._at.screen()
            if f"round {name} signed" in screen:
                return
            if "enter signs" in screen:
                # Pressed twice the second one would be for the board.
                self._at.press("Enter")
                self._passes("enter signs")
            elif LACKING.search(screen):
                self._say(notes)
            time.sleep(0.4)
        raise Unseen(f"round {name} was not signed\n{self._at.screen().rstrip()}")

    def _passes(self, words: str) -> None:
        """Wait a while until these words are off the screen."""
        ends = time.monotonic() + LAG
        while words in self._at.screen() and time.monotonic() < ends:
            time.sleep(0.2)

    def _say(self, notes: dict[str, str]) -> None:
        """Say the likeliest thing of the next item without a word, and a note if there is one."""
        self._at.press("Enter")
        time.sleep(0.3)
        if not LACKING.search(self._at.screen()):
            return
        self._at.press("Space")
        time.sleep(0.3)
        here = next((line for line in self._at.screen().splitlines() if f"{POINTER}[" in line), "")
        title = next((title for title in notes if title in here), "")
        if title:
            self._at.press("n")
            self._at.shows(TYPING)
            self._at.type(notes.pop(title))
            self._at.press("Enter")
            self._at.hides(TYPING)

    def explain(self, name: str, why: str) -> None:
        """Say why a round was missed."""
        self._open("s", "nothing to sign")
        self._at.press("n")
        self._at.shows(f"why round {name} was missed")
        self._at.type(why)
        self._at.press("Enter")
        self._at.hides(f"why round {name} was missed")
        self._at.hides(f"✗ round {name}, due ")
        self._home("n say why")

    def choose(self, title: str) -> None:
        """Put the cursor on the row of a check."""
        self._at.press("Escape")
        for _ in range(MOST):
            if re.match(rf".{{0,4}}{re.escape(title)} ", self._down()):
                return
        raise Unseen(f"no cursor came to {title}\n{self._at.screen().rstrip()}")

    def _down(self) -> str:
        """Move the cursor of the board, and say which row has it then."""
        before = _under_cursor(self._at.screen())
        return _under_cursor(
            self._press("j", lambda screen: _under_cursor(screen) != before, "cursor")
        )

    def _press(self, key: str, seen: Callable[[str], bool], what: str) -> str:
        """Press a key until it is seen to work: after an escape one may get lost."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            self._at.press(key)
            with contextlib.suppress(Unseen):
                return self._at.until(seen, what, LAG)
        raise Unseen(f"{key} does not lead to {what}\n{self._at.screen().rstrip()}")

    def _open(self, key: str, words: str) -> str:
        """Press the key that opens what says these words."""
        return self._press(key, lambda screen: words in screen, f'"{words}"')

    def acknowledge(self, title: str, why: str, again: str = "") -> None:
        """Acknowledge the trouble under the cursor, or what the top line names."""
        self._open("a", f"Acknowledge {title}")
        self._at.type(why)
        if again:
            self._next_field()
            self._at.type(again)
            self._at.shows("asks again ")
        self._at.press("Enter")
        self._at.hides(f"Acknowledge {title}")
        self._at.press("Escape")

    def _next_field(self) -> None:
        """Go to the next field; what is typed before it has the cursor goes into the last one."""
        row = self._at.row()
        self._at.press("Tab")
        self._at.until(lambda _: self._at.row() != row, "cursor in the next field", PATIENCE)
        time.sleep(0.3)

    def note(self, text: str, *, is_promise: bool = False) -> None:
        """Write a note; one that ends in a time is a promise, and has to be meant as one."""
        self._at.press("Escape")
        self._open("n", "enter records · escape back")
        self._at.type(text)
        self._at.shows("promise, due" if is_promise else text[-30:])
        self._at.press("Enter")
        self._at.hides("enter records · escape back")

    def keep(self, text: str, came_of_it: str) -> None:
        """Say that the first promise was kept."""
        self._open("p", text)
        self._at.shows("enter kept")
        self._at.press("Enter")
        self._at.shows("what came of it")
        self._at.type(came_of_it)
        self._at.press("Enter")
        self._at.hides("what came of it")
        self._home("enter kept")

    def relax(self, reason: str) -> None:
        """If it is asked, say that the slower cadence is taken though it was not earned."""
        if "e cadence" not in self._at.screen():
            return
        self._open("e", "Stay at ")
        self._at.press("Down")
        self._at.type(reason)
        self._at.press("Enter")
        self._at.hides("Stay at ")

    def drill(self, scenario: str, *, is_struck: bool) -> None:
        """Strike an incident, or cure it."""
        screen = self._open("x", "Drills: ")
        row = re.compile(r"│  ([! ]) ([a-z0-9-]+) +(active)? ")
        names = [found[2] for line in screen.splitlines() if (found := row.search(line))]
        if scenario not in names:
            raise Unseen(f"{scenario} is not among the drills\n{screen.rstrip()}")
        self._at.press(*["j"] * names.index(scenario))
        time.sleep(0.4)
        self._at.press("Enter")
        wanted = f"! {scenario} " if is_struck else f"  {scenario} "
        self._at.until(
            lambda screen: any(
                wanted in line and ("active" in line) is is_struck for line in screen.splitlines()
            ),
            f"{scenario} {'struck' if is_struck else 'cured'}",
            PATIENCE,
        )
        self._home("Drills: ")

    def offer(self, to: str, note: str) -> None:
        """Offer the watch to somebody."""
        self._open("o", "Hand the watch over")
        self._at.type(to)
        self._next_field()
        self._at.type(note)
        self._at.press("Enter")
        self._at.shows(f"→ {to} (pending)")

    def take_over(self, who: str, answers: Mapping[str, str]) -> None:
        """Answer every question and accept; `answers` by words of the question, else yes."""
        self._open("o", "take the watch over")
        for number in range(1, MOST):
            screen = self._asked(number)
            if "Enter accepts" in screen:
                self._at.press("Enter")
                self._at.shows(f"watch: {who} ")
                return
            question = _in_dialog(screen)
            said = next((said for word, said in answers.items() if word in question), "")
            self._at.type(said or (who if "answer with a name" in question else "yes"))
            self._at.press("Enter")

    def _asked(self, number: int) -> str:
        """The screen with that question, or with none left."""
        asked = f"question {number} of "
        return self._at.until(lambda s: asked in s or "Enter accepts" in s, asked, PATIENCE)

    def hand_off(self, *, is_shift: bool) -> None:
        """Open the handoff, of this shift alone if wanted, and write it."""
        self._open("h", "for engineers")
        if is_shift:
            self._at.press("s")
            self._at.shows("this shift ─", PATIENCE)
        self._at.press("w")
        self._at.shows("handoff written", PATIENCE)
        self._home("for engineers")

    def practise(self, reason: str, passed: str, off: str) -> None:
        """Open a drill of the rollback, pass over its first step, and call it off."""
        self._open("r", "open a drill")
        self._at.press("d")
        self._at.shows("Open a drill of the rollback")
        self._at.type(reason)
        self._at.press("Enter")
        self._at.shows("DRILL since")
        self._at.press("x")
        self._at.shows("is passed over")
        self._at.type(passed)
        self._at.press("Enter")
        self._at.hides("is passed over")
        self._at.shows("passed over ")
        self._at.press("u")
        self._at.shows("Call the drill off")
        self._at.type(off)
        self._at.press("Enter")
        self._at.shows("called off by")
        self._home("tab step")

    def leave(self) -> None:
        """Leave the watch."""
        self._open("q", "Leave the watch?")
        self._at.press("y")
        self._at.shows("Pane is dead", 30.0)


def _under_cursor(screen: str) -> str:
    """The row of the board that has the cursor, from its glyph on; empty without one."""
    return next((line.partition(POINTER)[2] for line in screen.splitlines() if POINTER in line), "")


def _in_dialog(screen: str) -> str:
    """What stands in the box that is open over the board."""
    boxed = (line.split("│") for line in screen.splitlines() if line.count("│") > 1)
    return "\n".join(parts[1] for parts in boxed)
