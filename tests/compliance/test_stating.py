"""Ada attests, Hanna approves: what they say is kept, what they may not say is refused, nothing is kept by halves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from klausur.compliance import stating
from klausur.compliance.catalogue import load
from klausur.compliance.evidence import a_year_after
from klausur.compliance.judging import Installation, judge_again, known
from klausur.compliance.model import Objective
from klausur.compliance.stating import Answer, Deviation, File, Missing, Refused, Speaker, Statements
from klausur.compliance.verdicts import Assessment, Outcome
from klausur.domain.accounts import AuditAct
from klausur.domain.proof_ports import FILE_BYTES, FILES_AT_MOST, EntryType
from klausur.settings import plain
from tests.flows.test_people_administration import trail
from tests.house import House

CATALOGUE = load()
ADA, HANNA = Speaker("A" * 22, "ada"), Speaker("H" * 22, "hanna")
OBJECTIVES = [one for row in CATALOGUE.requirements() for one in row.objectives]
ASKED = next(
    one for one in OBJECTIVES if [binding.max_age_days for binding in one.bindings if binding.question] == [365]
)
TESTED = next(one for one in OBJECTIVES if not any(binding.question for binding in one.bindings))
YES = Answer(ASKED.id, True, "Contract of 2 March 2026", "Ada Amt", "Datenschutzbeauftragte", "2027-03-01")
LATER = Deviation(
    TESTED.id, "The proxy is replaced in May", "Small", "Reached from inside only", "2027-05-31", "Ada Amt"
)


def changed(**fields: Any) -> Answer:
    return replace(YES, **fields)


def other(**fields: Any) -> Deviation:
    return replace(LATER, **fields)


def installation(its: House) -> Installation:
    return Installation(its.built.database, its.clock, plain(its.settings), "1.0.0")


def statements(its: House) -> Statements:
    return Statements(its.built.database, its.clock, CATALOGUE, plain(its.settings))


async def entries(its: House) -> list[tuple[str, Mapping[str, Any] | bytes]]:
    """Of the ledger: type, and what it says where that is JSON."""
    async with its.built.database.reading() as unit:
        found = []
        for entry in await unit.proof.entries():
            blob = await unit.proof.blob(entry.seq)
            assert blob is not None
            said = json.loads(blob.body) if blob.media_type == "application/json" else blob.body
            found.append((entry.type, said))
    return found


def outcome(judged: Assessment, objective: Objective) -> Outcome:
    return next(
        one.verdict.outcome for row in judged.rows for one in row.objectives if one.objective.id == objective.id
    )


async def rows(its: House, table: str) -> int:
    return await its.counted(table)


async def nothing_was_written(its: House) -> bool:
    counted = [await rows(its, f"proof_{each}") for each in ("entries", "evidence", "attestations", "waivers", "facts")]
    return [*counted, await rows(its, "audit")] == [0, 0, 0, 0, 0, 0]


# -- attestations -----------------------------------------------------------------------------------------------------


async def test_an_answer_is_written_down_and_counts(the_house: House) -> None:
    attestation, _ = await statements(the_house).attest(ADA, YES)
    ((kind, said),) = await entries(the_house)
    assert kind == EntryType.ATTESTATION
    assert isinstance(said, dict)
    assert (said["person"], said["statement"], said["answer"]) == ("Ada Amt", "Contract of 2 March 2026", True)
    assert said["by"] == {"account": ADA.account, "name": "ada"}
    assert said["question"]["en"]
    judged = await judge_again(installation(the_house), catalogue=CATALOGUE)
    assert outcome(judged, ASKED) is Outcome.ATTESTED
    found = (await known(installation(the_house))).situation.attestations
    assert [one.id for one in found] == [attestation.id]


async def test_no_is_an_answer_too(the_house: House) -> None:
    await statements(the_house).attest(ADA, replace(YES, answer=False))
    judged = await judge_again(installation(the_house), catalogue=CATALOGUE)
    assert outcome(judged, ASKED) is Outcome.NOT_MET


async def test_what_is_withdrawn_holds_no_more_and_stays_in_the_ledger(the_house: House) -> None:
    attestation, _ = await statements(the_house).attest(ADA, YES)
    await statements(the_house).withdraw_attestation(HANNA, attestation.id)
    (_, first), (kind, second) = await entries(the_house)
    assert isinstance(first, dict)
    assert first["id"] == attestation.id
    assert (kind, second) == (
        EntryType.ATTESTATION,
        {"withdrawn": attestation.id, "by": {"account": HANNA.account, "name": "hanna"}},
    )
    judged = await judge_again(installation(the_house), catalogue=CATALOGUE)
    assert outcome(judged, ASKED) is Outcome.OUTSIDE_ENGINE
    with pytest.raises(Missing):
        await statements(the_house).withdraw_attestation(HANNA, attestation.id)
    assert len(await entries(the_house)) == 2


async def test_files_lie_in_the_ledger_and_are_named_by_their_digest(the_house: House) -> None:
    contract = File("Vertrag.pdf", "application/pdf", b"%PDF-1.7 a contract")
    attestation, names = await statements(the_house).attest(ADA, replace(YES, statement="", files=(contract, contract)))
    assert (names, attestation.files) == ({contract.digest: "Vertrag.pdf"}, (contract.digest,))
    (_, said), (kind, body) = await entries(the_house)
    assert isinstance(said, dict)
    assert said["files"] == [
        {"name": "Vertrag.pdf", "digest": contract.digest, "media_type": "application/pdf", "bytes": len(contract.body)}
    ]
    assert (kind, body) == (EntryType.ATTESTATION, contract.body)
    await judge_again(installation(the_house), catalogue=CATALOGUE)
    async with the_house.built.database.reading() as unit:
        page = await unit.proof.page("report")
    assert page is not None
    assert "Vertrag.pdf" in page.body


async def test_it_holds_for_a_year_at_most_and_not_for_less_than_a_day(the_house: House) -> None:
    now = the_house.clock.now()
    attestation, _ = await statements(the_house).attest(ADA, replace(YES, until="2027-11-22"))
    assert attestation.until == now + timedelta(days=365), "the last day counts as long as it may"
    attestation, _ = await statements(the_house).attest(ADA, replace(YES, until="2026-11-22"))
    assert attestation.until.isoformat() == "2026-11-23T00:00:00+00:00"
    attestation, _ = await statements(the_house).attest(ADA, replace(YES, until="2026-12-24T12:00:00+01:00"))
    assert attestation.until.isoformat() == "2026-12-24T11:00:00+00:00"


@pytest.mark.parametrize("until", ["2026-11-21", "2026-11-22T09:00:00Z", "2027-11-24", "9999-12-31", "0001-01-01"])
async def test_neither_the_past_nor_a_distant_future_is_an_end(the_house: House, until: str) -> None:
    with pytest.raises(Refused) as refused:
        await statements(the_house).attest(ADA, replace(YES, until=until))
    assert refused.value.field == "until"
    assert await nothing_was_written(the_house)


@pytest.mark.parametrize(
    "until", ["", "soon", "2027-02-30", "2027-01-01T10:00:00", "2027-1-1", "1e9", "\uff12\uff10\uff12\uff17-01-01"]
)
async def test_what_is_no_date_is_no_end(the_house: House, until: str) -> None:
    with pytest.raises(Refused, match="no date"):
        await statements(the_house).attest(ADA, replace(YES, until=until))


async def test_the_catalogue_may_allow_more_than_a_year_or_less(the_house: House) -> None:
    one = ASKED
    for days, last in ((730, "2028-11-21"), (90, "2027-02-20")):
        one = next(
            one
            for one in OBJECTIVES
            if any(binding.question and binding.max_age_days == days for binding in one.bindings)
        )
        attestation, _ = await statements(the_house).attest(ADA, replace(YES, objective=one.id, until=last))
        assert attestation.until <= the_house.clock.now() + timedelta(days=days)
    with pytest.raises(Refused, match="2027-02-20"):
        await statements(the_house).attest(ADA, replace(YES, objective=one.id, until="2027-03-01"))


@pytest.mark.parametrize("objective", [TESTED.id, "DSK-L-1-01", "DSK-X-9.9-99.a", "", "../../etc/passwd"])
async def test_only_what_asks_a_person_can_be_answered(the_house: House, objective: str) -> None:
    with pytest.raises(Refused) as refused:
        await statements(the_house).attest(ADA, replace(YES, objective=objective))
    assert refused.value.field == "objective"
    assert await nothing_was_written(the_house)


UNSEEN = ["\u202e", "\x00", "\x1b[2J", "\u200b", "\ud800", "\u2066", "\x7f", "\u2028"]


@pytest.mark.parametrize("field", ["statement", "person", "role"])
@pytest.mark.parametrize("unseen", UNSEEN)
async def test_what_nobody_sees_is_refused(the_house: House, field: str, unseen: str) -> None:
    with pytest.raises(Refused) as refused:
        await statements(the_house).attest(ADA, changed(**{field: f"Ada{unseen}Amt"}))
    assert refused.value.field == field
    assert field not in refused.value.said.de, "it is shown beside the field"
    assert await nothing_was_written(the_house)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("statement", "x" * 4001),
        ("person", "x" * 121),
        ("role", "x" * 121),
        ("person", "Ada\nAmt"),
        ("role", ""),
        ("person", " \t"),
        ("statement", ""),
    ],
)
async def test_what_is_too_long_or_missing_is_refused(the_house: House, field: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        await statements(the_house).attest(ADA, changed(**{field: text}))
    assert refused.value.field == field


async def test_what_people_write_stays_text(the_house: House) -> None:
    written = "<script>alert(1)</script>\n=1+1"
    attestation, _ = await statements(the_house).attest(ADA, replace(YES, statement=written))
    assert attestation.statement == written
    assert len(f"{'x' * 3999}\n") == 4000
    longest, _ = await statements(the_house).attest(ADA, replace(YES, statement="ü" * 4000))
    assert longest.statement == "ü" * 4000


@pytest.mark.parametrize(
    "files",
    [
        (File("a.pdf", "application/pdf", b"x" * (FILE_BYTES + 1)),),
        tuple(File(f"{number}", "text/plain", bytes([number])) for number in range(1, FILES_AT_MOST + 2)),
        tuple(File(f"{number}", "text/plain", bytes([number]) * FILE_BYTES) for number in range(3)),
        (File("empty.pdf", "application/pdf", b""),),
        (File("../../etc/passwd", "text/plain", b"x"),),
        (File("C:\\boot.ini", "text/plain", b"x"),),
        (File("fdp\u202e.exe", "text/plain", b"x"),),
        (File("", "text/plain", b"x"),),
        (File("x" * 121, "text/plain", b"x"),),
    ],
    ids=["too large", "too many", "too large together", "empty", "path", "other path", "turned", "nameless", "long"],
)
async def test_no_such_files(the_house: House, files: tuple[File, ...]) -> None:
    with pytest.raises(Refused) as refused:
        await statements(the_house).attest(ADA, replace(YES, files=files))
    assert refused.value.field == "files"
    assert await nothing_was_written(the_house)


async def test_a_kind_of_file_that_could_be_a_header_is_none(the_house: House) -> None:
    odd = File("a", "text/html\r\nX-Evil: 1", b"x")
    await statements(the_house).attest(ADA, replace(YES, files=(odd,)))
    (_, said), _ = await entries(the_house)
    assert isinstance(said, dict)
    assert said["files"][0]["media_type"] == "application/octet-stream"


async def test_there_is_an_end_to_how_much_may_be_said(the_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stating, "ATTESTATIONS_AT_MOST", 1)
    monkeypatch.setattr(stating, "WAIVERS_AT_MOST", 1)
    await statements(the_house).attest(ADA, YES)
    await statements(the_house).ask_for(ADA, LATER)
    with pytest.raises(Refused, match="too many"):
        await statements(the_house).attest(ADA, YES)
    with pytest.raises(Refused, match="too many"):
        await statements(the_house).ask_for(ADA, LATER)
    assert len(await entries(the_house)) == 2


async def test_the_ledger_says_nothing_that_does_not_hold(the_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the row cannot be kept, its entry is not either."""

    async def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("klausur.store.proof.ProofRows.add_attestation", full)
    with pytest.raises(OSError, match="disk full"):
        await statements(the_house).attest(ADA, YES)
    assert await nothing_was_written(the_house)


# -- deviations -------------------------------------------------------------------------------------------------------


async def found(its: House) -> Any:
    ((one),) = (await known(installation(its))).situation.waivers
    return one


async def test_a_deviation_has_no_effect_before_the_second_person(the_house: House) -> None:
    asked = await statements(the_house).ask_for(ADA, LATER)
    waiting = await found(the_house)
    assert not waiting.holds(the_house.clock.now())
    the_house.clock.advance(timedelta(days=3))
    approved = await statements(the_house).approve(HANNA, asked.id, "Hanna Haus")
    assert (approved.asked_by, approved.approved_by) == ("Ada Amt", "Hanna Haus")
    assert (await found(the_house)).holds(the_house.clock.now())
    kinds = [(kind, said["act"]) for kind, said in await entries(the_house) if isinstance(said, dict)]
    assert kinds == [(EntryType.WAIVER, "asked"), (EntryType.WAIVER, "approved")]


async def test_one_deviation_at_a_time_waits_for_its_second_person(the_house: House) -> None:
    """Whoever sends it again does not know that it has arrived."""
    waits = await statements(the_house).ask_for(ADA, LATER)
    with pytest.raises(Refused, match="waits for its second person") as refused:
        await statements(the_house).ask_for(HANNA, LATER)
    assert refused.value.field == "target"
    await statements(the_house).approve(HANNA, waits.id, "Hanna Haus")
    renewed = await statements(the_house).ask_for(ADA, LATER)
    await statements(the_house).withdraw_waiver(ADA, renewed.id)
    await statements(the_house).ask_for(ADA, LATER)


async def test_the_same_account_is_not_a_second_person(the_house: House) -> None:
    asked = await statements(the_house).ask_for(ADA, LATER)
    with pytest.raises(Refused, match="another account"):
        await statements(the_house).approve(ADA, asked.id, "Hanna Haus")
    assert not (await found(the_house)).holds(the_house.clock.now())


@pytest.mark.parametrize("name", ["Ada Amt", "ADA AMT", "  ada   amt ", "\uff21da Amt", "ada amt"])
async def test_nor_is_the_same_name_in_other_letters(the_house: House, name: str) -> None:
    asked = await statements(the_house).ask_for(ADA, LATER)
    with pytest.raises(Refused, match="two different people"):
        await statements(the_house).approve(HANNA, asked.id, name)
    assert not (await found(the_house)).holds(the_house.clock.now())


@pytest.mark.parametrize("name", ["", " ", "Hanna\u202e", "Hanna\nHaus", "x" * 121])
async def test_the_second_person_has_a_name(the_house: House, name: str) -> None:
    asked = await statements(the_house).ask_for(ADA, LATER)
    with pytest.raises(Refused) as refused:
        await statements(the_house).approve(HANNA, asked.id, name)
    assert refused.value.field == "person"


async def test_it_is_approved_once(the_house: House) -> None:
    asked = await statements(the_house).ask_for(ADA, LATER)
    await statements(the_house).approve(HANNA, asked.id, "Hanna Haus")
    with pytest.raises(Refused, match="already"):
        await statements(the_house).approve(Speaker("G" * 22, "gustav"), asked.id, "Gustav Gast")
    assert (await found(the_house)).approved_by == "Hanna Haus"


async def test_what_is_withdrawn_or_over_cannot_be_approved(the_house: House) -> None:
    asked = await statements(the_house).ask_for(ADA, LATER)
    await statements(the_house).withdraw_waiver(ADA, asked.id)
    with pytest.raises(Missing):
        await statements(the_house).approve(HANNA, asked.id, "Hanna Haus")
    with pytest.raises(Missing):
        await statements(the_house).withdraw_waiver(ADA, asked.id)
    short = await statements(the_house).ask_for(ADA, replace(LATER, until="2026-11-30"))
    the_house.clock.advance(timedelta(days=10))
    with pytest.raises(Refused, match="ended"):
        await statements(the_house).approve(HANNA, short.id, "Hanna Haus")


async def test_it_ends_within_a_year_and_by_itself(the_house: House) -> None:
    last = a_year_after(the_house.clock.now())
    asked = await statements(the_house).ask_for(ADA, replace(LATER, until=last.date().isoformat()))
    assert asked.until == last
    await statements(the_house).approve(HANNA, asked.id, "Hanna Haus")
    assert (await found(the_house)).holds(last - timedelta(seconds=1))
    assert not (await found(the_house)).holds(last)
    with pytest.raises(Refused, match="last possible day"):
        await statements(the_house).ask_for(ADA, replace(LATER, until="2027-11-24"))


@pytest.mark.parametrize("field", ["reason", "risk", "compensation", "person"])
@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "a\u202eb"])
async def test_a_deviation_says_why_what_may_happen_and_what_is_done_instead(
    the_house: House, field: str, text: str
) -> None:
    with pytest.raises(Refused) as refused:
        await statements(the_house).ask_for(ADA, other(**{field: text}))
    assert refused.value.field == field
    assert await nothing_was_written(the_house)


@pytest.mark.parametrize("target", ["", "DSK-X-9.9-99", f"{TESTED.id}.1", "facts"])
async def test_a_deviation_is_from_a_row_or_an_objective(the_house: House, target: str) -> None:
    with pytest.raises(Refused) as refused:
        await statements(the_house).ask_for(ADA, replace(LATER, target=target))
    assert refused.value.field == "target"


# -- facts ------------------------------------------------------------------------------------------------------------


async def test_a_fact_is_written_down_with_who_said_it_and_can_be_taken_back(the_house: House) -> None:
    await statements(the_house).fact(ADA, "minors", True)
    fact = (await known(installation(the_house))).facts["minors"]
    assert (fact.stands.value, fact.stands.by) == (True, "ada")
    await statements(the_house).fact(ADA, "minors", None)
    assert "minors" not in (await known(installation(the_house))).facts
    said = [(kind, body["value"]) for kind, body in await entries(the_house) if isinstance(body, dict)]
    assert said == [(EntryType.FACT, True), (EntryType.FACT, None)]


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("minors", "yes", "value"),
        ("minors", 1, "value"),
        ("operating_model", "cloud", "value"),
        ("guests_allowed", True, "key"),
        ("recording_offered", True, "key"),
        ("weather", "fine", "key"),
        ("", None, "key"),
    ],
)
async def test_a_fact_that_is_none_is_refused(the_house: House, key: str, value: object, field: str) -> None:
    with pytest.raises(Refused) as refused:
        await statements(the_house).fact(ADA, key, value)
    assert refused.value.field == field
    assert await nothing_was_written(the_house)


# -- the audit trail --------------------------------------------------------------------------------------------------


async def test_each_act_is_a_row_of_the_trail_which_says_nothing_of_what_was_said(the_house: House) -> None:
    its = statements(the_house)
    await its.fact(ADA, "minors", True)
    await its.fact(ADA, "minors", None)
    attestation, _ = await its.attest(ADA, YES)
    await its.withdraw_attestation(HANNA, attestation.id)
    waiver = await its.ask_for(ADA, LATER)
    await its.approve(HANNA, waiver.id, "Hanna Haus")
    await its.withdraw_waiver(ADA, waiver.id)
    declared, withdrawn = [body["id"] for _, body in (await entries(the_house))[:2] if isinstance(body, dict)]
    assert await trail(the_house) == [
        (ADA.account, AuditAct.FACT_DECLARED, declared),
        (ADA.account, AuditAct.FACT_WITHDRAWN, withdrawn),
        (ADA.account, AuditAct.ATTESTED, attestation.id),
        (HANNA.account, AuditAct.ATTESTATION_WITHDRAWN, attestation.id),
        (ADA.account, AuditAct.DEVIATION_PROPOSED, waiver.id),
        (HANNA.account, AuditAct.DEVIATION_APPROVED, waiver.id),
        (ADA.account, AuditAct.DEVIATION_WITHDRAWN, waiver.id),
    ]


async def test_what_is_refused_is_no_row_of_the_trail(the_house: House) -> None:
    waiver = await statements(the_house).ask_for(ADA, LATER)
    with pytest.raises(Refused):
        await statements(the_house).approve(ADA, waiver.id, "Ada Amt")
    with pytest.raises(Missing):
        await statements(the_house).withdraw_attestation(ADA, waiver.id)
    assert await trail(the_house) == [(ADA.account, AuditAct.DEVIATION_PROPOSED, waiver.id)]


async def test_what_was_said_on_the_command_line_has_a_row_without_an_account(the_house: House) -> None:
    await statements(the_house).fact(Speaker("", "klausur facts"), "minors", True)
    ((by, act, _),) = await trail(the_house)
    assert (by, act) == (None, AuditAct.FACT_DECLARED)
