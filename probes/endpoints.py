"""Endpoints: the addresses a service is asked at, and what makes an answer right."""

from typing import Annotated

from pydantic import AfterValidator, Field

from firstwatch.errors import BadAnswer
from firstwatch.probe import Section
from probes.json_path import checked_path, parse_json, pick
from probes.web import Answer


def _path(path: str) -> str:
    if not path.startswith("/") or any(c.isspace() or not c.isprintable() for c in path):
        raise ValueError('a path starts with "/" and has no spaces')
    return path


class JsonRule(Section):
    """What the JSON in an answer must hold."""

    path: Annotated[str, AfterValidator(checked_path)]
    """Where to look: "data.items[0].state"."""
    equals: bool | int | float | str | None = None
    """What must stand there; left out, anything may."""


class Endpoint(Section):
    """One address to ask, and what makes its answer right."""

    path: Annotated[str, AfterValidator(_path)] = Field(repr=False)
    """Below the base, starting with "/"."""
    name: str = ""
    """What the board calls it; the path without its query if left out."""
    expect: tuple[int, ...] = Field(default=(200,), min_length=1)
    """The statuses that are right; redirects are not followed."""
    contains: str = ""
    """Text the body must contain."""
    rule: JsonRule | None = Field(default=None, alias="json")
    """What its JSON must hold."""
    warm_up: int = Field(default=1, ge=0, le=10)
    """How many first answers are left out of the statistics once there are others."""

    @property
    def label(self) -> str:
        return self.name or self.path.partition("?")[0]

    @property
    def told(self) -> str:
        """Its path, of a query only that there is one, and what is expected of its answer."""
        path, question, _ = self.path.partition("?")
        expected = [" or ".join(str(status) for status in self.expect)]
        if self.contains:
            expected.append(f'"{self.contains}" in its body')
        if self.rule is not None:
            wanted = "is there" if self.rule.equals is None else f"is {self.rule.equals}"
            expected.append(f"{self.rule.path} {wanted}")
        return f"{path}{'?…' if question else ''}  expects {', '.join(expected)}"

    def fault(self, answer: Answer) -> str:
        """What is wrong with an answer; empty if nothing is."""
        if answer.status not in self.expect:
            expected = " or ".join(str(status) for status in self.expect)
            sent = f" (sent to {answer.location})" if answer.location else ""
            return f"[status] {answer.status}, expected {expected}{sent}"
        if self.contains and self.contains not in answer.text:
            return f'[body] "{self.contains}" is not in it'
        return self._json_fault(answer)

    def _json_fault(self, answer: Answer) -> str:
        if self.rule is None:
            return ""
        try:
            found = pick(parse_json(answer.body), self.rule.path)
        except BadAnswer as error:
            return f"[json] {error.reason}"
        wanted = self.rule.equals
        if wanted is None or (
            found == wanted and isinstance(found, bool) is isinstance(wanted, bool)
        ):
            return ""
        return f"[json] {self.rule.path} is {str(found)[:40]}, expected {wanted}"
