"""How well the log is read: the classifier and `grep -ci error` on the same log of known answers.

    python bench/corpus.py [--size 20000] [--seeds 3]

Prints a table, and how many megabytes of that log are classified in a second of one core.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from probes.record import Record
from probes.records import Assembler
from tests.probes.corpus import Wrapping, corpus, grep

BITE = 64 * 1024
FAILURES = ("webhook.error", "webhook.dropped", "inbound.lost")


def main() -> None:
    """Classify, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=20_000, help="things said in each log")
    parser.add_argument("--seeds", type=int, default=3, help="logs of each wrapping")
    arguments = parser.parse_args()
    errors, failures, plain = _Score(), _Score(), _Score()
    size, spent = 0, 0.0
    for wrapping in Wrapping:
        for seed in range(arguments.seeds):
            log = corpus(seed, arguments.size, wrapping)
            began = time.process_time()
            records = _classified(log.data)
            spent += time.process_time() - began
            size += len(log.data)
            errors.add(_heads([r for r in records if r.event.is_error]), log.errors)
            failures.add(_heads([r for r in records if r.event.name in FAILURES]), log.failures)
            plain.counted += grep(log.data)
            plain.right += log.troubled
            plain.true += log.errors.total()
    print(f"{'':<26}{'there are':>11}{'counted':>11}{'precision':>11}{'recall':>9}")
    print(f"{'error records':<26}{errors}")
    print(f"{'webhook failures':<26}{failures}")
    wrong = f"{plain.counted / plain.true:.1f}x too many"
    print(f"{'grep -ci error':<26}{plain.true:>11}{plain.counted:>11}", end="")
    print(f"{plain.right / plain.counted:>11.2%}{'':>2}{wrong}")
    print(f"{size / 1e6:.0f} MB, {size / 1e6 / spent:.0f} MB/s of one core")


class _Score:
    """Counted against true, summed over logs."""

    def __init__(self) -> None:
        self.counted = self.right = self.true = 0

    def add(self, counted: Counter[str], true: Counter[str]) -> None:
        self.counted += counted.total()
        self.true += true.total()
        self.right += (counted & true).total()

    def __str__(self) -> str:
        precision, recall = self.right / max(self.counted, 1), self.right / max(self.true, 1)
        return f"{self.true:>11}{self.counted:>11}{precision:>11.2%}{recall:>9.2%}"


def _classified(data: bytes) -> list[Record]:
    assembler = Assembler()
    records: list[Record] = []
    for start in range(0, len(data), BITE):
        records.extend(assembler.feed(data[start : start + BITE], 1.0, 0.0))
    return records + assembler.settle(0.0, final=True)


def _heads(records: list[Record]) -> Counter[str]:
    return Counter(record.raw.partition(b"\n")[0].decode() for record in records)


if __name__ == "__main__":
    main()
