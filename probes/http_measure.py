"""What may be asked of a service that speaks HTTP."""

from collections.abc import Callable, Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from firstwatch.probe import Duration, Section
from probes import web
from probes.endpoints import Endpoint
from probes.histories import STATISTICS
from probes.json_path import number_at, parse_json


class Measure(Section):
    """What to ask of a service."""

    endpoints: tuple[Endpoint, ...] = Field(min_length=1, max_length=20)
    """The addresses to ask."""
    value: Literal["total", "first_byte", "connect", "tls", "dns", "certificate_days", "json"] = (
        "total"
    )
    """A phase in milliseconds, days until the certificate ends, or the number at `json.path`."""
    stat: Literal["p95", "p50", "mean", "max", "last"] | None = None
    """Over the last answers of each endpoint: "p95" for times and "last" for a number in JSON."""
    last: int = Field(default=10, ge=1, le=1000)
    """How many answers the statistic looks back on."""
    timeout: Duration = 10.0
    """How long an answer may take, in real seconds."""
    routes: int = Field(default=0, ge=0)
    """How many routes the service has in all; with it the note says how few of them are asked."""
    files: int = Field(default=0, ge=0, le=10)
    """How many of the files under /_next/static that a page names are asked for, too, others each
    time; one that does not answer 200 makes the page wrong."""

    @model_validator(mode="after")
    def _number_has_a_place(self) -> Self:
        if self.value == "json" and any(e.rule is None for e in self.endpoints):
            raise ValueError('value = "json" needs json = { path = "…" } on every endpoint')
        return self

    @property
    def is_time(self) -> bool:
        """Whether its values are milliseconds."""
        return self.value not in ("certificate_days", "json")

    @property
    def statistic(self) -> Callable[[Sequence[float]], float]:
        return STATISTICS[self.stat or ("last" if self.value == "json" else "p95")]

    def observed(self, endpoint: Endpoint, answer: web.Answer) -> float:
        """The number this measure takes from a right answer. Raises BadAnswer."""
        if self.value == "json" and endpoint.rule:
            return number_at(parse_json(answer.body), endpoint.rule.path)
        return float(getattr(answer.phases, self.value))
