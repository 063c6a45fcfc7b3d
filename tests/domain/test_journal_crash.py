"""A watch that is killed loses nothing it was told is written."""

import subprocess
import sys
from pathlib import Path

from firstwatch.acts import faults
from firstwatch.journal import Journal
from tests.domain.signing import signed_in

T0 = 1_800_000_000.0

WRITER = """
import sys
from pathlib import Path
from firstwatch.acts import SignOff
from firstwatch.journal import Journal

journal = Journal.open(Path(sys.argv[1]))
journal.stamp_launch(1_800_000_000.0, "A")
for number in range(1, 1_000_000):
    at = 1_800_000_000.0 + number
    journal.record_readings(at, {"pool": float(number), "errors": None})
    if number % 10 == 0:
        sign_off = SignOff(number=number, name=str(number), due=at, late=at, opened=at)
        journal.act(at, "A", sign_off)
    print(number, flush=True)
"""


def test_kill_nine_in_mid_write_loses_no_acknowledged_row(tmp_path: Path) -> None:
    path = tmp_path / "launch.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) >= 150:
                writer.kill()
                break
        acknowledged = max([150, *(int(rest) for rest in writer.stdout if rest.endswith("\n"))])
    assert writer.returncode == -9

    with Journal.open(path) as journal:
        assert journal.repaired == ""
        assert journal.launch == T0
        numbers = [value for _, value in journal.values("pool", T0, T0 + 1e7)]
        assert numbers[:acknowledged] == [float(n) for n in range(1, acknowledged + 1)]
        assert len(numbers) - acknowledged in (0, 1)
        signed = set(range(10, acknowledged + 1, 10))
        assert signed <= set(signed_in(journal))
        assert faults(journal.links(), last=journal.acts_given) == []
        journal.record_readings(T0, {"pool": 0.0})


def test_a_day_of_forty_series_stays_small(tmp_path: Path) -> None:
    """A tenth of a day, one row a second; a whole day may take 40 MB."""
    path = tmp_path / "launch.db"
    names = [f"check-{number}" for number in range(40)]
    with Journal.open(path) as journal:
        for second in range(8640):
            journal.record_readings(T0 + second, dict.fromkeys(names, second / 3))
    assert path.stat().st_size < 4_000_000
