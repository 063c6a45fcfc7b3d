"""A watch that is killed at any moment of signing has signed with all the evidence, or not."""

import json
import subprocess
import sys
from pathlib import Path

from firstwatch.acts import Mark, SignOff, faults
from firstwatch.journal import Journal

ROOT = Path(__file__).parents[2]
KILLS = 15
ITEMS = 20
NOTE = "as it stood " * 100
SIGNER = """
import asyncio, json, os, random, select, signal, sys, time
from pathlib import Path

sys.path.append({root!r})
from firstwatch.acts import Mark, faults
from firstwatch.card import Said, Signing
from firstwatch.engine import Watch
from firstwatch.journal import Journal
from firstwatch.verdict import Level
from tests.domain.leaping import plan

ROUNDS = 1000
T0 = 1_800_003_600.0
path, kills, items, note = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
checks = plan({{f"item-{{n}}": {{"source": ""}} for n in range(items)}})
phase = checks.phases[0].model_copy(update={{"every": 60.0, "end": 60.0 * ROUNDS}})
checks = checks.model_copy(update={{"phases": (phase,)}})


class Hand:
    scale, time = 1.0, T0

    def now(self):
        return self.time

    async def sleep(self, seconds):
        await asyncio.sleep(seconds)


def sign_on(told):
    clock = Hand()
    with Journal.open(path) as journal:
        if journal.launch is None:
            journal.stamp_launch(T0, "A")
        signed = {{record.act.number for record in journal.acts()}}
        watch = Watch(checks, {{}}, journal, clock, operator="A")
        said = {{name: Said(Mark.FINE, Level.PENDING, note) for name in checks.checks}}
        for number in range(1, ROUNDS):
            if number in signed:
                continue
            clock.time = T0 + 60.0 * number
            watch.do(Signing(number, clock.time - 9, said, note))
            os.write(told, f"{{number}}\\n".encode())


chosen, acknowledged = random.Random(), []
for _ in range(kills):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            sign_on(write)
        finally:
            os._exit(1)
    os.close(write)
    seen = b""
    while seen.count(b"\\n") < 2:
        piece = os.read(read, 4096)
        if not piece:
            sys.exit("the signer ended by itself")
        seen += piece
    select.select([], [], [], chosen.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while piece := os.read(read, 4096):
        seen += piece
    os.close(read)
    acknowledged += [int(line) for line in seen.split(b"\\n")[:-1]]
    with Journal.read_only(path) as journal:
        found = faults(journal.links(), last=journal.acts_given)
    if found:
        sys.exit(f"broken: {{found}}")
print(json.dumps(acknowledged))
"""


def test_fifteen_kills_leave_every_round_signed_with_its_evidence_or_not_signed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "launch.journal"
    done = subprocess.run(
        [sys.executable, "-c", SIGNER.format(root=str(ROOT)), path, str(KILLS), str(ITEMS), NOTE],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    acknowledged = json.loads(done.stdout)
    assert len(acknowledged) >= 2 * KILLS
    with Journal.read_only(path) as journal:
        assert faults(journal.links(), last=journal.acts_given) == []
        acts = [record.act for record in journal.acts()]
    numbers = []
    for act in acts:
        assert isinstance(act, SignOff)
        numbers.append(act.number)
        assert len(act.items) == ITEMS
        assert {item.mark for item in act.items} == {Mark.FINE}
        assert {item.note for item in act.items} == {NOTE.strip()}
    assert numbers == list(range(1, len(numbers) + 1))
    # Killed after it was written and before it could say so: one a kill at most.
    assert set(acknowledged) <= set(numbers)
    assert len(numbers) - len(acknowledged) <= KILLS
