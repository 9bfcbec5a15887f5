"""The facts that a requirement builds on are there: declared by somebody, or known from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from klausur.compliance.evidence import Status
from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import derived, resolve
from klausur.compliance.grades import Grade
from klausur.compliance.holding import agreed
from klausur.compliance.probes.pages import listed
from klausur.compliance.probes.retold import Rows, inside, retold
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.records import facts_of
from klausur.compliance.target import Target
from klausur.compliance.words import Text
from klausur.domain.proof_ports import FactRow
from klausur.store.proof import ProofRows


async def collect(target: Target) -> Evidence:
    """Which are there and from where; never what they say, which may name somebody."""
    async with inside(target).reading() as unit:
        declared = list(facts_of((await agreed(unit)).facts, FACTS))
    facts = resolve(derived(FACTS, target.settings, datetime.now(UTC)).items(), declared)
    return target.evidence(
        known={key: fact.stands.origin.value for key, fact in facts.items()},
        contradicted=sorted(key for key, fact in facts.items() if fact.contradicted),
        questions={key: [spec.question.de, spec.question.en] for key, spec in FACTS.items() if key not in facts},
    )


def judge(evidence: Evidence, params: Params) -> Judged:
    keys = params.get("keys")
    if not isinstance(keys, tuple | list) or not keys:
        return saw_nothing("Es wurde nach keiner Angabe gefragt.", "No fact was asked for.")
    missing = [str(key) for key in keys if key not in evidence["known"]]
    contradicted = [str(key) for key in keys if key in evidence["contradicted"]]
    if missing:
        asked = [evidence["questions"].get(key, [key, key]) for key in missing]
        de, en = (listed(each[language] for each in asked) for language in (0, 1))
        return Judged(Status.FAIL, Text(de=f"Noch nicht beantwortet: {de}", en=f"Not answered yet: {en}"))
    if contradicted:
        return failed("Diesen Angaben wird widersprochen", "These facts are contradicted", contradicted)
    if len(keys) == 1:
        return passed("Die Angabe liegt vor.", "The fact is there.")
    return passed(f"Alle {len(keys)} Angaben liegen vor.", f"All {len(keys)} facts are there.")


class _Silent(Rows):
    """Nobody has declared anything."""

    async def facts(self) -> Sequence[FactRow]:
        return []


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    def told(real: ProofRows) -> ProofRows:
        return _Silent(real)

    # Nor do settings say anything.
    yield replace(retold(target, told), settings={})


PROBE: Final = Probe(
    id="facts.complete",
    version=1,
    proves=Text(
        de="Zu jeder dieser Fragen liegt eine Angabe vor, und keine andere Quelle widerspricht ihr.",
        en="Each of these questions has been answered, and no other source contradicts the answer.",
    ),
    proves_not=Text(
        de="Dass die Angaben stimmen: Das verantwortet, wer sie gemacht hat.",
        en="That the answers are true: whoever gave them answers for that.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.DECLARED,
    stored=True,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "oidc_issuer", "metrics_port", "operator_name", "operator_contact"),
    may_see=Text(
        de="Was über die Organisation angegeben wurde, auch Namen und Kontakte; aufgeschrieben wird nur, was fehlt.",
        en="What was declared of the organisation, names and contacts too; only what is missing is written down.",
    ),
)
