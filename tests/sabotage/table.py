"""The whole table, as `script/sabotage proof` runs it: one line a damage, and at the end the rate.

script/sabotage proof [-t PART-OF-A-NAME] [-j AT-ONCE] [--quick]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.sabotage.damage import Damage, SourceMoved
from tests.sabotage.damages import DAMAGES
from tests.sabotage.installation import Looked, NotRunning, look
from tests.sabotage.judging import Found, found


def probes_of(damages: Sequence[Damage]) -> list[str]:
    return sorted({probe for damage in damages for probe in damage.probes})


def baselines(damages: Sequence[Damage], folder: Path) -> dict[bool, Looked]:
    """Of healthy installations: by whether they end TLS themselves. Raises NotRunning."""
    return {
        tls: look(folder / f"healthy-{tls}", probes_of([each for each in damages if each.tls is tls]), tls=tls)
        for tls in sorted({each.tls for each in damages})
    }


def done(damage: Damage, healthy: Mapping[bool, Looked], folder: Path) -> Found:
    """Never raises what damage does: what cannot be tried has not been noticed."""
    try:
        return found(damage, healthy[damage.tls], look(folder, damage.probes, damage, tls=damage.tls))
    except (SourceMoved, NotRunning) as error:
        return Found(damage, faults=[f"{type(error).__name__}: {error}"])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/sabotage proof")
    part = "only damages with this in their name or probes; may be given several times"
    parser.add_argument("-t", action="append", metavar="PART", help=part)
    parser.add_argument("-j", type=int, default=2, metavar="N", help="so many at once (2)")
    parser.add_argument("--quick", action="store_true", help="only those that script/test makes")
    browser = "only those, or all but those, that take a meeting in a browser"
    parser.add_argument("--browser", action=argparse.BooleanOptionalAction, help=browser)
    chosen = parser.parse_args(arguments)
    wanted = [
        each
        for each in DAMAGES
        if any(part in f"{each.name} {each.probes}" for part in chosen.t or [""])
        and (each.quick or not chosen.quick)
        and chosen.browser in (None, each.browser)
    ]
    # Two browsers with three people each are more than a small machine holds.
    return run(wanted, 1 if any(each.browser for each in wanted) else chosen.j)


def run(wanted: Sequence[Damage], at_once: int) -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(at_once) as several:
        folder = Path(name)
        print(f"Healthy first: {len(probes_of(wanted))} probes …", flush=True)
        healthy = baselines(wanted, folder)
        tried = [several.submit(done, each, healthy, folder / str(place)) for place, each in enumerate(wanted)]
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
