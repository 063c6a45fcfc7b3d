"""The courier: carries word out of the watch, by a command of the user's and by a ping."""

from collections.abc import Mapping

import httpx
from pydantic import SecretStr

from firstwatch.errors import ProbeError
from firstwatch.probe import Moment
from probes.command import CommandProbe, Measure, Settings


class Courier:
    """Runs the command and asks the address it was given; says what failed, raises nothing."""

    def __init__(
        self, command: tuple[str, ...], env: Mapping[str, SecretStr], ping: str, timeout: float
    ) -> None:
        """`timeout` is for each errand, in real seconds."""
        self._command = command
        self._env = dict(env)
        self._address = ping
        self._timeout = timeout

    async def call(self, facts: Mapping[str, str]) -> str:
        """Run the command with these facts in its environment; what failed, empty if nothing."""
        told = {name: SecretStr(value) for name, value in facts.items()}
        program = CommandProbe(Settings(env={**self._env, **told}))
        timeout = f"{self._timeout:g}s"
        measure = Measure.model_validate(
            {"argv": self._command, "read": "exit", "timeout": timeout}
        )
        try:
            reading = await program.read(measure, Moment(0.0, 0.0))
        except ProbeError as error:
            return error.reason
        finally:
            await program.close()
        return f"it ended with exit code {reading.value:g}" if reading.value else ""

    async def ping(self) -> str:
        """Ask the address; what failed, without a word of the address itself."""
        try:
            async with (
                httpx.AsyncClient(timeout=self._timeout, follow_redirects=True) as client,
                client.stream("GET", self._address) as answer,
            ):
                return "" if answer.is_success else f"HTTP {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
