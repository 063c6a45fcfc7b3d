"""A small plan with toy kinds of probe, for tests of what reads and judges plans."""

import sys
from pathlib import Path
from typing import Literal, Self

import pytest
from hypothesis import settings
from pydantic import Field, SecretStr, model_validator

from firstwatch.clock import Clock
from firstwatch.probe import Duration, Kind, Kinds, Probe, Section

_ROOT = str(Path(__file__).parents[2])
if _ROOT not in sys.path:
    # Last, so that an installed wheel is tested and not the checkout.
    sys.path.append(_ROOT)

# A busy machine is slow now and then; that is no finding.
settings.register_profile("firstwatch", deadline=None)
settings.load_profile("firstwatch")

TOY_PLAN = """
[watch]
timezone = "Asia/Dubai"

[sources.database]
kind = "sql"
dsn = "${DATABASE_URL}"

[sources.app]
kind = "web"
base = "${APP_URL:-http://localhost:3000}"

[sources.log]
kind = "log"
path = "logs/app.log"

[[phases]]
name = "critical watch"
start = "0s"
end = "6h"
every = "30m"
checks = ["connections", "errors"]

[[phases]]
name = "active"
start = "6h"
end = "12h"
every = "1h"
checks = ["response", "opinion"]

[alerts.response]
title = "Response time"
warning = "2s"
critical = "5s"

[alerts.connections]
warning = "80%"
critical = "95%"

[checks.connections]
title = "DB connections"
pane = "health"
source = "database"
measure = { sql = "connections.sql" }
unit = "%"
alert = "connections"

[checks.errors]
title = "errors"
pane = "health"
source = "log"
measure = { count = ["error"] }
warning = 3

[checks.response]
title = "response"
pane = "health"
source = "app"
measure = { endpoints = [{ path = "/login" }] }
unit = "ms"
target = 500
alert = "response"

[checks.opinion]
title = "UI acceptable"
pane = "client"

[[tails]]
title = "errors"
source = "log"
records = ["error"]

[[contacts]]
title = "Database issues"
hint = "Look at the pool."
checks = ["connections"]

[rollback]
window = "6h"

[[rollback.steps]]
title = "Pause webhooks"
"""


class SqlSettings(Section):
    dsn: SecretStr
    statement_timeout: Duration = 3.0

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        address = self.dsn.get_secret_value()
        if not address.startswith("postgresql://"):
            raise ValueError(f'"{address}" is not an address like postgresql://user@host/name')
        return self


class SqlMeasure(Section):
    sql: str
    shape: Literal["scalar", "ratio", "rows"] = "scalar"
    window: Duration = 300.0


class WebSettings(Section):
    base: str = ""
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    verify: bool = True


class Endpoint(Section):
    path: str
    expect: tuple[int, ...] = (200,)


class WebMeasure(Section):
    endpoints: list[Endpoint] | str
    last: int = 10


class LogSettings(Section):
    path: str = ""
    command: tuple[str, ...] = ()


class LogMeasure(Section):
    count: tuple[str, ...] = ()
    silence: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if bool(self.count) == bool(self.silence):
            raise ValueError("say one of count or silence")
        return self


def _never_opened(settings: object, clock: Clock) -> Probe:
    raise AssertionError((settings, clock))


@pytest.fixture(scope="session")
def toy_kinds() -> Kinds:
    return {
        "sql": Kind("sql", SqlSettings, SqlMeasure, _never_opened),
        "web": Kind("web", WebSettings, WebMeasure, _never_opened),
        "log": Kind("log", LogSettings, LogMeasure, _never_opened),
    }


@pytest.fixture(scope="session")
def toy_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a plan that loads with DATABASE_URL in the environment."""
    path = tmp_path_factory.mktemp("shipped") / "config.toml"
    path.write_text(TOY_PLAN)
    return path
