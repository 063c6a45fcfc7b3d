"""Acknowledges trouble."""

from firstwatch.desk import Acknowledge
from firstwatch.promising import moment
from firstwatch.text import clean
from tui.people import moment_words
from tui.renderables.ages import age_text, clock_time, span_text
from tui.renderables.lines import Line, Role, role_of
from tui.scene import Scene, level_now, subject_title
from tui.screens.form import Field, Form, Recording


class Acknowledging(Form):
    """Why the trouble of one subject may wait, and when to ask again."""

    def __init__(self, scene: Scene, recording: Recording, subject: str) -> None:
        ack = scene.snapshot.affairs.acks.get(subject)
        every = span_text(scene.snapshot.plan.watch.ask_again)
        super().__init__(
            scene,
            recording,
            Field("why", "why", "who is at it, or why it may wait", clean(ack.why) if ack else ""),
            Field("recheck", "ask again", f"in {every}, unless you say 30m or 03:15"),
        )
        self._subject = subject

    def facts(self) -> list[Line]:
        """The trouble as it stands, and who has it."""
        scene, snapshot = self.scene, self.scene.snapshot
        title = subject_title(snapshot, self._subject)
        lines: list[Line] = [((f"Acknowledge {title}", Role.STRONG),)]
        found = (e for e in snapshot.episodes if e.is_open and e.subject == self._subject)
        episode = next(found, None)
        if episode is None:
            return [*lines, (("calm again: there is nothing to acknowledge", Role.OK),)]
        level, state = level_now(snapshot, episode), snapshot.check(self._subject)
        reason = clean(state.verdict.reason if state else episode.reason)
        turned, began = clock_time(snapshot.bad_since(episode)), clock_time(episode.start)
        since = f" since {turned} UTC" + (f", in trouble since {began}" if turned != began else "")
        lasted = span_text(episode.lasted(scene.now))
        glyph = f"{scene.glyphs.levels[level]} {level}"
        lines.append(((glyph, role_of(level)), (f"{since}, {lasted}: {reason}", Role.TEXT)))
        ack = snapshot.affairs.acks.get(self._subject)
        if ack is not None:
            age = age_text(scene.now - ack.at)
            lines.append(((f"acknowledged by {clean(ack.who)} {age} ago", Role.DIM),))
        return lines

    def understood(self) -> str:
        """When it is asked about again."""
        at = self._recheck()
        if at is None:
            return self._no_time()
        return f"asks again {moment_words(self.scene, at)}, or as soon as it gets worse"

    def _recheck(self) -> float | None:
        said = self.said("recheck")
        now = self.scene.now
        return moment(said, now) if said else now + self.scene.snapshot.plan.watch.ask_again

    def _no_time(self) -> str:
        return f'"{self.said("recheck")}" is no time to come: write 30m, in 20m or 03:15'

    def request(self) -> Acknowledge | str:
        """The acknowledgement."""
        if not self.said("why"):
            return "say why it may wait, or who is at it"
        at = self._recheck()
        if at is None:
            return self._no_time()
        return Acknowledge(self._subject, self.said("why"), at if self.said("recheck") else None)
