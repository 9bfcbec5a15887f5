"""What the privacy notice says is what was declared of the installation, and what is in effect."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from klausur.compliance.evidence import Status
from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import Fact, Kind, derived, resolve
from klausur.compliance.grades import Grade
from klausur.compliance.holding import agreed
from klausur.compliance.live.playing import SECONDS, spoilt, watched
from klausur.compliance.live.watching import scene
from klausur.compliance.probes.pages import listed
from klausur.compliance.probes.retold import inside
from klausur.compliance.probes.saying import passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.records import facts_of
from klausur.compliance.target import Target
from klausur.compliance.words import Text
from klausur.domain.limits import EMPTY_AT_MOST, INSTANT_MEETING_LIVES

_NEEDED: Final = ("controller_name", "contact", "purposes", "legal_bases")
"""Without these there is too little to compare (GDPR, Art. 13(1))."""
_COMPARED: Final = (
    *_NEEDED,
    "controller_address",
    "controller_representative",
    "dpo_contact",
    "legitimate_interests",
    "processors",
    "hosting",
    "recipients",
    "transfers",
    "joint_controllers_named",
    "operating_model",
)
"""What has to stand in the notice where it was declared."""
_PERIODS: Final = {
    "minutes": EMPTY_AT_MOST // timedelta(minutes=1),
    "hours": INSTANT_MEETING_LIVES // timedelta(hours=1),
}
_PERIOD: Final = re.compile(r"\b(\d+|one) (minute|hour)s?\b")
_SENTENCE: Final = re.compile(r"(?<=[.!?]) ")
_SOME: Final = 200
"""characters: less than any notice has"""


async def collect(target: Target) -> Evidence:
    """Of the notice as a browser shows it: which of what was declared stands in it, never what, and its periods."""
    notice = scene(await watched(target), "before")["notice"]
    facts = await _facts(target)
    text = _plain(notice)
    return target.evidence(
        length=len(text),
        stands={key: _stands(facts[key], text) for key in _COMPARED if key in facts},
        questions={key: [FACTS[key].question.de, FACTS[key].question.en] for key in _COMPARED},
        periods=_periods(text),
        in_effect=sorted([number, unit] for unit, number in _PERIODS.items()),
        encrypted="encrypted" in text,
    )


async def _facts(target: Target) -> Mapping[str, Fact]:
    async with inside(target).reading() as unit:
        declared = list(facts_of((await agreed(unit)).facts, FACTS))
    return resolve(derived(FACTS, target.settings, datetime.now(UTC)).items(), declared)


def _periods(text: str) -> list[list[list[int | str]]]:
    """Of each sentence that names minutes and hours, as the one does which says when a meeting is over."""
    named = [_PERIOD.findall(sentence) for sentence in _SENTENCE.split(text)]
    both = [each for each in named if {unit for _, unit in each} == {"minute", "hour"}]
    return [sorted([1 if number == "one" else int(number), f"{unit}s"] for number, unit in each) for each in both]


def _plain(text: str) -> str:
    """However it is broken into lines, and whichever capitals it has."""
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def _stands(fact: Fact, text: str) -> bool:
    spec, value = FACTS[fact.key], str(fact.stands.value)
    if spec.kind is Kind.TEXT:
        return _plain(value) in text
    labels = [choice.label for choice in spec.choices if choice.value == value]
    return any(_plain(word) in text for label in labels for word in (label.de, label.en))


def judge(evidence: Evidence, _params: Params) -> Judged:
    if evidence["length"] < _SOME:
        return saw_nothing("Der Datenschutzhinweis war nicht zu sehen.", "The notice was not to be seen.")
    faults = [*_wrong(evidence)]
    if faults:
        de, en = (listed(each[language] for each in faults) for language in (0, 1))
        return Judged(
            Status.FAIL,
            Text(de=f"Im Datenschutzhinweis fehlt oder stimmt nicht: {de}", en=f"Not, or not so, in the notice: {en}"),
        )
    missing = [key for key in _NEEDED if key not in evidence["stands"]]
    if missing:
        return saw_nothing(
            "Zu wenig ist angegeben, um den Datenschutzhinweis damit zu vergleichen.",
            "Too little has been declared to compare the notice with.",
        )
    count = len(evidence["stands"])
    return passed(
        f"{count} Angaben und die Fristen stehen so im Datenschutzhinweis.",
        f"{count} facts and the periods stand so in the notice.",
    )


def _wrong(evidence: Evidence) -> Iterator[tuple[str, str]]:
    if evidence["periods"] != [evidence["in_effect"]]:
        yield "Fristen", "periods"
    if not evidence["encrypted"]:
        yield "Verschlüsselung", "encryption"
    for key, stands in evidence["stands"].items():
        if not stands:
            de, en = evidence["questions"][key]
            yield de, en


PROBE: Final = Probe(
    id="notice.equals-facts",
    version=1,
    proves=Text(
        de="Im Datenschutzhinweis, wie ein Browser ihn vor dem Beitritt zeigt, steht, was über diese Installation "
        "angegeben wurde: Verantwortliche und wie sie zu erreichen sind, Zwecke, Rechtsgrundlagen, Empfänger, "
        "Dienstleister, Betriebsmodell; außerdem die Fristen, die gelten, und dass verschlüsselt wird.",
        en="The privacy notice, as a browser shows it before joining, says what was declared of this installation: the "
        "controller and how to reach it, purposes, legal bases, recipients, providers, operating model; and the "
        "periods that are in effect, and that there is encryption.",
    ),
    proves_not=Text(
        de="Dass die Angaben stimmen und vollständig sind (facts.complete) und der Hinweis verständlich ist; dass er "
        "auf Deutsch dasselbe sagt; was er sonst noch sagt.",
        en="That what was declared is right and complete (facts.complete) and the notice can be understood; that it "
        "says the same in German; what else it says.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=spoilt,
    depends_on=(
        "guests",
        "media_address",
        "oidc_issuer",
        "open_meetings",
        "operator_contact",
        "operator_name",
        "public_url",
    ),
    may_see=Text(
        de="Was über die Organisation angegeben wurde, auch Namen und Kontakte; aufgeschrieben wird nur, ob es im "
        "Hinweis steht.",
        en="What was declared of the organisation, names and contacts too; only whether it stands in the notice is "
        "written down.",
    ),
    seconds=SECONDS,
)
