"""The whole table, as `script/sabotage proof` runs it: one line a damage, and at the end the rate.

script/sabotage proof [-t PART-OF-A-NAME] [-j AT-ONCE] [--quick] [--[no-]browser] [--json FILE]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

from klausur.compliance.probes import ALL
from tests.sabotage.damage import Damage, Kind, SourceMoved
from tests.sabotage.damages import DAMAGES
from tests.sabotage.installation import Looked, NotRunning, lived_in, look
from tests.sabotage.judging import Found, NotJudged, found
from tests.sabotage.results import Results


def probes_of(damages: Iterable[Damage]) -> list[str]:
    return sorted({probe for damage in damages for probe in damage.probes})


def companies(damages: Iterable[Damage]) -> list[tuple[Damage, ...]]:
    """Those that are tried in one and the same installation."""
    groups: dict[str, list[Damage]] = {}
    for each in damages:
        groups.setdefault(each.company or each.name, []).append(each)
    return [tuple(group) for group in groups.values()]


@dataclass
class Trials:
    """All that go on at once."""

    folder: Path
    lived: Path
    at_once: int
    healthy: dict[Kind, Future[Looked]] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.at_once)

    def begin(self, wanted: Sequence[Damage]) -> list[Future[list[Found]]]:
        """In the order of companies(). The healthy ones come first, which all others are compared with."""
        for kind in sorted({each.kind for each in wanted}):
            probes = probes_of(each for each in wanted if each.kind is kind)
            where = self.folder / f"healthy-{kind}"
            self.healthy[kind] = self._pool.submit(look, where, self.lived, probes, (), kind)
        return [self._pool.submit(self._try, place, group) for place, group in enumerate(companies(wanted))]

    def _try(self, place: int, group: tuple[Damage, ...]) -> list[Found]:
        started = time.monotonic()
        results = done(group, self.healthy, self.folder / str(place), self.lived)
        return [replace(each, seconds=(time.monotonic() - started) / len(group)) for each in results]

    def end(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def done(group: tuple[Damage, ...], healthy: Mapping[Kind, Future[Looked]], folder: Path, lived: Path) -> list[Found]:
    """Never raises what damage does: what cannot be tried has not been noticed."""
    kind = group[0].kind
    try:
        fresh = look(folder, lived, probes_of(group), group, kind)
        return [found(each, healthy[kind].result(), fresh) for each in group]
    except (SourceMoved, NotRunning, NotJudged) as error:
        return [Found(each, faults=[f"{type(error).__name__}: {error}"]) for each in group]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/sabotage proof")
    part = "only damages with this in their name or probes; may be given several times"
    parser.add_argument("-t", action="append", metavar="PART", help=part)
    parser.add_argument("-j", type=int, default=2, metavar="N", help="so many at once (2); meetings one at a time")
    parser.add_argument("--quick", action="store_true", help="only those that script/test makes")
    browser = "only those, or all but those, that take a meeting in a browser"
    parser.add_argument("--browser", action=argparse.BooleanOptionalAction, help=browser)
    kept = "keeps each result in FILE as soon as there is one, and does not try again what stands there"
    parser.add_argument("--json", type=Path, metavar="FILE", help=kept)
    chosen = parser.parse_args(arguments)
    wanted = [
        each
        for each in DAMAGES
        if any(part in f"{each.name} {each.probes}" for part in chosen.t or [""])
        and (each.quick or not chosen.quick)
        and chosen.browser in (None, each.kind is Kind.BROWSER)
    ]
    return run(wanted, chosen.j, Results(chosen.json))


def run(wanted: Sequence[Damage], at_once: int, kept: Results) -> int:
    started = time.monotonic()
    results = [each for each in kept.read(DAMAGES) if each.damage in wanted]
    there = {each.damage.name for each in results}
    left = [each for each in wanted if each.name not in there]
    print(f"{len(wanted)} damages, {len(there)} of them tried before.", flush=True)
    for each in try_all(left, at_once, kept.add) if left else ():
        show(each)
        results.append(each)
    if len(wanted) == len(DAMAGES):
        print(f"\nNo row is about {', '.join(sorted(set(ALL) - set(probes_of(DAMAGES))))} (docs/guide/sabotage.md).")
    return summary(results, time.monotonic() - started)


def try_all(wanted: Sequence[Damage], at_once: int, keep: Callable[[Found], None]) -> Iterable[Found]:
    """As they come; meetings in browsers last and one at a time: with three people each they need the whole machine."""
    meetings = [each for each in wanted if each.kind is Kind.BROWSER]
    others = [each for each in wanted if each.kind is not Kind.BROWSER]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lived = lived_in(folder / "before")
        for part, together in ((others, at_once), (meetings, 1)):
            trials = Trials(folder / ("others" if part is others else "meetings"), lived, together)
            try:
                for each in as_completed(trials.begin(part)):
                    for result in each.result():
                        keep(result)
                        yield result
            finally:
                trials.end()


def show(result: Found) -> None:
    rows = f"{len(result.turned)} rows" if result.noticed else f"! {'; '.join(result.faults)}"
    probes = ", ".join(result.damage.probes)
    word = "noticed" if result.noticed else "MISSED "
    print(f"{word} {result.seconds:4.0f} s  {result.damage.name}: {probes} -> {rows}", flush=True)


def summary(results: Sequence[Found], seconds: float) -> int:
    missed = [each for each in results if not each.noticed]
    print()
    for each in missed:
        print(f"missed: {each.damage.name}: {'; '.join(each.faults)}")
    print(f"{len(results) - len(missed)} of {len(results)} damages noticed, in {seconds:.0f} s.", flush=True)
    return 1 if missed or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
