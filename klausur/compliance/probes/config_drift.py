"""No setting is weaker than it was in an earlier run: an update that weakens one is noticed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from klausur.compliance.grades import Grade
from klausur.compliance.probes.privacy_of_settings import SETTINGS, is_weaker
from klausur.compliance.probes.retold import inside
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target, resettled
from klausur.compliance.words import Text
from klausur.domain.proof_ports import Proof, RunRow

_EARLIER: Final = 50
_BEGUN: Final = "run"
"""Name of what a run writes down when it begins: release and settings among it."""
_ENDLESS: Final = 2**31
_FIRST: Final = Text(
    de="Es gibt noch keinen früheren Lauf, mit dem zu vergleichen wäre.",
    en="There is no earlier run yet to compare with.",
)


async def collect(target: Target) -> Evidence:
    async with inside(target).reading() as unit:
        ended = [run for run in await unit.proof.runs(_EARLIER + 1) if run.ended_at is not None]
        earlier = [told for run in ended if (told := await _told(unit.proof, run)) is not None]
    if not earlier:
        raise CannotLook(_FIRST)
    return target.evidence(
        runs=len(earlier),
        compared=sorted({name for told in earlier for name in told["settings"]} & set(target.settings)),
        weaker=[each for name in sorted(target.settings) if (each := _weakened(name, target.settings[name], earlier))],
    )


async def _told(proof: Proof, run: RunRow) -> Mapping[str, Any] | None:
    """When it began, release and settings; None where they were erased or cannot be read."""
    for seq in await proof.blobs_of(run.id):
        blob = await proof.blob(seq)
        if blob is None or blob.name != _BEGUN:
            continue
        try:
            body = json.loads(blob.body)
        except ValueError:
            return None
        if not isinstance(body, dict) or not isinstance(body.get("settings"), dict):
            continue
        judged = {name: value for name, value in body["settings"].items() if name in SETTINGS}
        return {"at": run.begun_at.isoformat(), "release": str(body.get("release", "")), "settings": judged}
    return None


def _weakened(name: str, value: object, earlier: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Against the newest of the runs in which it was stronger."""
    for told in earlier:
        if name in told["settings"] and is_weaker(name, value, told["settings"][name]):
            was = {"was": told["settings"][name], "at": told["at"], "release": told["release"]}
            return {"name": name, "is": value, **was}
    return None


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["compared"]:
        return saw_nothing("Frühere Läufe hatten keine gemeinsamen Einstellungen.", "Earlier runs shared no settings.")
    if evidence["weaker"]:
        faults = [
            f"{each['name'].upper()}: {_shown(each['was'])} > {_shown(each['is'])} ({each['at'][:10]}, "
            f"{each['release']})"
            for each in evidence["weaker"]
        ]
        return failed(
            "Schwächer als in einem früheren Lauf (Wert damals > heute)",
            "Weaker than in an earlier run (value then > now)",
            faults,
        )
    return passed(
        f"Keine von {len(evidence['compared'])} Einstellungen ist schwächer als in den {evidence['runs']} letzten "
        "Läufen.",
        f"None of {len(evidence['compared'])} settings is weaker than in the last {evidence['runs']} runs.",
    )


def _shown(value: object) -> str:
    return json.dumps(value)[:60]


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Since then everybody may try to sign in as often as they like."""
    yield resettled(target, limit_signins=_ENDLESS)


PROBE: Final = Probe(
    id="config.drift",
    version=1,
    proves=Text(
        de="Keine geltende Einstellung schützt weniger, als sie es in einem der letzten 50 Läufe tat, sei sie durch "
        "eine neue Voreinstellung oder von Hand geändert worden.",
        en="No setting in force protects less than it did in any of the last 50 runs, whether a new default changed it "
        "or somebody by hand.",
    ),
    proves_not=Text(
        de="Dass eine neue Version nicht anders mit derselben Einstellung umgeht. Wer bewusst lockert, genehmigt die "
        "Abweichung; die Zeile bleibt sonst offen, bis kein früherer Lauf mehr strenger war.",
        en="That a new release does not treat the same setting otherwise. Whoever loosens one on purpose has the "
        "deviation accepted; otherwise the row stays open until no earlier run was stricter.",
    ),
    vantage=Vantage.SETTINGS,
    grade=Grade.CONFIGURED,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=tuple(sorted(name for name, judged in SETTINGS.items() if judged.weakness is not None)),
)
