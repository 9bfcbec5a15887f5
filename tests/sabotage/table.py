"""The whole table, as `script/sabotage proof` runs it: one line a damage, and at the end the rate.

script/sabotage proof [-t PART-OF-A-NAME] [-j AT-ONCE] [--quick]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.sabotage.damage import Damage, SourceMoved
from tests.sabotage.damages import DAMAGES
from tests.sabotage.installation import Looked, NotRunning, look
from tests.sabotage.judging import Found, found


def probes_of(damages: Sequence[Damage]) -> list[str]:
    return sorted({probe for damage in damages for probe in damage.probes})


def done(damage: Damage, baseline: Looked, folder: Path) -> Found:
    """Never raises: what cannot be tried has not been noticed."""
    try:
        return found(damage, baseline, look(folder, damage.probes, damage))
    except (SourceMoved, NotRunning) as error:
        return Found(damage, faults=[f"{type(error).__name__}: {error}"])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/sabotage proof")
    parser.add_argument("-t", default="", metavar="PART", help="only damages with this in their name or probes")
    parser.add_argument("-j", type=int, default=2, metavar="N", help="so many at once (2)")
    parser.add_argument("--quick", action="store_true", help="only those that script/test makes")
    chosen = parser.parse_args(arguments)
    wanted = [each for each in DAMAGES if chosen.t in f"{each.name} {each.probes}" and (each.quick or not chosen.quick)]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(chosen.j) as several:
        folder = Path(name)
        print(f"A healthy installation, and {len(probes_of(wanted))} probes …", flush=True)
        baseline = look(folder / "healthy", probes_of(wanted))
        tried = [several.submit(done, each, baseline, folder / str(place)) for place, each in enumerate(wanted)]
        results = []
        for each in tried:
            results.append(each.result())
            show(results[-1])
    return summary(results, time.monotonic() - started)


def show(result: Found) -> None:
    print(f"{'noticed' if result.noticed else 'MISSED '}  {result.damage.name}")
    print(f"         {', '.join(result.damage.probes)} -> {', '.join(result.turned) or 'no row'}")
    for fault in result.faults:
        print(f"         ! {fault}")
    sys.stdout.flush()


def summary(results: Sequence[Found], seconds: float) -> int:
    missed = [each for each in results if not each.noticed]
    print(f"\n{len(results) - len(missed)} of {len(results)} damages noticed, in {seconds:.0f} s.")
    for each in missed:
        print(f"missed: {each.damage.name}: {'; '.join(each.faults)}")
    return 1 if missed or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
