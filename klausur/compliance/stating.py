"""What people say for the proof: facts, attestations, deviations. Each act is checked, becomes an entry of the ledger
and, without what was said, of the audit trail, and is kept as what holds now, all in one transaction; a withdrawal
takes away what holds, never the entries.

Nothing here judges: whoever acts has it judged anew afterwards (``judging.judge_again``). Every act may raise Refused,
Missing, TooMuch or StorageUnavailable; then nothing has been written.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeAlias

from klausur.compliance.evidence import Attestation, Waiver, a_year_after
from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import FactInvalid, FactSpec, Kind, Origin, Stated
from klausur.compliance.keeping import JSON, Ledger, Record
from klausur.compliance.ledger import canonical
from klausur.compliance.model import Binding, Catalogue, FactValue, Objective
from klausur.compliance.records import attestation_row, fact_row, waiver_row, waivers_of
from klausur.compliance.report import NAMES
from klausur.compliance.words import Text
from klausur.domain.accounts import AuditAct
from klausur.domain.ports import Clock, Store, UnitOfWork
from klausur.domain.proof_ports import (
    FILE_BYTES,
    FILES_AT_MOST,
    FILES_BYTES,
    MEDIA_TYPE_CHARACTERS,
    STATEMENT_CHARACTERS,
    AttestationRow,
    EntryType,
    WaiverRow,
)

PERSON_CHARACTERS: Final = 120
FILE_NAME_CHARACTERS: Final = 120
ATTESTATIONS_AT_MOST: Final = 5000
WAIVERS_AT_MOST: Final = 1000
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", re.ASCII)
_ANY_FILE: Final = "application/octet-stream"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ID_BYTES: Final = 16


class Refused(Exception):
    """``said`` in both languages; ``field``: of what was said, empty for all of it."""

    def __init__(self, field: str, said: Text) -> None:
        super().__init__(said.en)
        self.field = field
        self.said = said


class Missing(Exception):
    """There is no such attestation or deviation (any more)."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """By which account it is said: that may be somebody else's than the person's who stands for it."""

    account: str
    name: str


@dataclass(frozen=True, slots=True)
class _Act:
    entry: EntryType
    act: AuditAct
    object: str
    """An id, random."""
    who: Speaker


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """To the question that an objective asks a person."""

    objective: str
    answer: bool
    statement: str
    person: str
    role: str
    until: str
    """A day, which counts to its end (UTC), or a moment with its zone; RFC 3339."""
    files: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class Deviation:
    target: str
    reason: str
    risk: str
    compensation: str
    until: str
    person: str


@dataclass(frozen=True, slots=True)
class Statements:
    store: Store
    clock: Clock
    catalogue: Catalogue
    settings: Mapping[str, object]

    # -- facts

    async def fact(self, who: Speaker, key: str, value: object) -> None:
        """``value``: None takes back what was said."""
        spec = FACTS.get(key)
        if spec is None:
            raise Refused("key", Text(de="Diese Angabe gibt es nicht.", en="There is no such fact."))
        if not spec.is_asked(self.settings):
            raise Refused("key", _FOLLOWS)
        kept = None if value is None else _checked(spec, value, "value")
        stated = None if kept is None else Stated(kept, Origin.DECLARED, self._now(), who.name)

        async def along(unit: UnitOfWork) -> None:
            if stated is None:
                await unit.proof.drop_fact(key)
            else:
                await unit.proof.put_fact(fact_row(key, stated))

        # What the audit trail names, which has no place for what is said.
        act = _Act(EntryType.FACT, _FACT[stated is not None], _new_id(), who)
        await self._note(act, {"id": act.object, "key": key, "value": kept}, along)

    # -- attestations

    async def attest(self, who: Speaker, said: Answer) -> tuple[Attestation, Mapping[str, str]]:
        """The second value: names of the files by their digests."""
        objective, binding = self._asked(said.objective)
        now = self._now()
        longest = now + timedelta(days=binding.max_age_days)
        files = _files(said.files)
        attestation = Attestation(
            id=_new_id(),
            objective=objective.id,
            asked=binding.asked,
            answer=said.answer,
            statement=_text("statement", said.statement, STATEMENT_CHARACTERS, lines=True, empty=bool(files)),
            person=_text("person", said.person, PERSON_CHARACTERS),
            role=_text("role", said.role, PERSON_CHARACTERS),
            at=now,
            until=_until(said.until, now, longest),
            files=tuple(one.digest for one in files),
        )
        names = {one.digest: one.name for one in files}
        plain = _body(attestation_row(attestation)) | {NAMES: names, "account": who.account}
        row = AttestationRow(attestation.id, attestation.objective, attestation.until, json.dumps(plain))

        async def along(unit: UnitOfWork) -> None:
            if len(await unit.proof.attestations()) >= ATTESTATIONS_AT_MOST:
                raise Refused("", _TOO_MANY)
            await unit.proof.add_attestation(row)

        about = [
            {"name": one.name, "digest": one.digest, "media_type": one.media_type, "bytes": len(one.body)}
            for one in files
        ]
        entry = {**plain, "files": about, "question": asdict(binding.question) if binding.question else None}
        del entry[NAMES]
        attached = [Record(EntryType.ATTESTATION, one.name, one.body, one.media_type, is_file=True) for one in files]
        act = _Act(EntryType.ATTESTATION, AuditAct.ATTESTED, attestation.id, who)
        await self._note(act, entry, along, attached)
        return attestation, names

    async def withdraw_attestation(self, who: Speaker, attestation: str) -> None:
        async def along(unit: UnitOfWork) -> None:
            if not await unit.proof.drop_attestation(attestation):
                raise Missing

        act = _Act(EntryType.ATTESTATION, AuditAct.ATTESTATION_WITHDRAWN, attestation, who)
        await self._note(act, {"withdrawn": attestation}, along)

    def _asked(self, objective: str) -> tuple[Objective, Binding]:
        for row in self.catalogue.requirements():
            for one in row.objectives:
                if one.id == objective:
                    for binding in one.bindings:
                        if binding.question is not None:
                            return one, binding
                    raise Refused("objective", _FOR_A_MACHINE)
        raise Refused("objective", Text(de="Dieses Ziel gibt es nicht.", en="There is no such objective."))

    # -- deviations

    async def ask_for(self, who: Speaker, said: Deviation) -> Waiver:
        """It has no effect before somebody else approves it."""
        now = self._now()
        rows = list(self.catalogue.requirements())
        if said.target not in {row.id for row in rows} | {one.id for row in rows for one in row.objectives}:
            raise Refused("target", Text(de="Diese Zeile gibt es nicht.", en="There is no such row."))
        waiver = Waiver(
            id=_new_id(),
            target=said.target,
            reason=_text("reason", said.reason, STATEMENT_CHARACTERS, lines=True),
            risk=_text("risk", said.risk, STATEMENT_CHARACTERS, lines=True),
            compensation=_text("compensation", said.compensation, STATEMENT_CHARACTERS, lines=True),
            asked_by=_text("person", said.person, PERSON_CHARACTERS),
            approved_by="",
            at=now,
            until=_until(said.until, now, a_year_after(now)),
        )

        async def along(unit: UnitOfWork) -> None:
            rows = await unit.proof.waivers()
            if len(rows) >= WAIVERS_AT_MOST:
                raise Refused("", _TOO_MANY)
            if any(one.target == waiver.target and one.waits(now) for one in waivers_of(rows)):
                raise Refused("target", _WAITS_ALREADY)
            await unit.proof.add_waiver(_waiver_row(waiver, {_FIRST: who.account}))

        act = _Act(EntryType.WAIVER, AuditAct.DEVIATION_PROPOSED, waiver.id, who)
        await self._note(act, {**_body(waiver_row(waiver)), "act": "asked"}, along)
        return waiver

    async def approve(self, who: Speaker, waiver: str, person: str) -> Waiver:
        """By a second account, and a second name."""
        name = _text("person", person, PERSON_CHARACTERS)
        before, accounts = await self._waiting(waiver)
        now = self._now()
        if now >= before.until:
            raise Refused("", Text(de="Ihr Ende liegt schon zurück.", en="It has ended already."))
        if accounts.get(_FIRST) == who.account:
            raise Refused("", _SAME_ACCOUNT)
        approved = replace(before, approved_by=name, at=now)
        if approved.flaw is not None:
            raise Refused("person", approved.flaw)

        async def along(unit: UnitOfWork) -> None:
            _, still = _find(await unit.proof.waivers(), waiver)
            if still.get(_SECOND) is not None or not await unit.proof.drop_waiver(waiver):
                raise Missing
            await unit.proof.add_waiver(_waiver_row(approved, {**accounts, _SECOND: who.account}))

        act = _Act(EntryType.WAIVER, AuditAct.DEVIATION_APPROVED, waiver, who)
        await self._note(act, {**_body(waiver_row(approved)), "act": "approved"}, along)
        return approved

    async def withdraw_waiver(self, who: Speaker, waiver: str) -> None:
        async def along(unit: UnitOfWork) -> None:
            if not await unit.proof.drop_waiver(waiver):
                raise Missing

        act = _Act(EntryType.WAIVER, AuditAct.DEVIATION_WITHDRAWN, waiver, who)
        await self._note(act, {"withdrawn": waiver}, along)

    async def _waiting(self, waiver: str) -> tuple[Waiver, Mapping[str, Any]]:
        async with self.store.reading() as unit:
            found, accounts = _find(await unit.proof.waivers(), waiver)
        if accounts.get(_SECOND) is not None:
            raise Refused("", Text(de="Sie ist schon genehmigt.", en="It is approved already."))
        if _FIRST not in accounts:
            raise Refused("", _NOBODY_KNOWS)
        return found, accounts

    # -- all of them

    def _now(self) -> datetime:
        """To the second: as the ledger has it."""
        return self.clock.now().replace(microsecond=0)

    async def _note(self, act: _Act, said: Mapping[str, Any], along: _Along, attached: Sequence[Record] = ()) -> None:
        async def with_trail(unit: UnitOfWork) -> None:
            await along(unit)
            await unit.audit.note(act.act, self._now(), by=act.who.account or None, object_=act.object)

        body = {**said, "by": {"account": act.who.account, "name": act.who.name}}
        record = Record(act.entry, str(act.entry), canonical(body), JSON)
        await Ledger(self.store, self.clock).append(record, *attached, along=with_trail)


_Along: TypeAlias = Callable[[UnitOfWork], Awaitable[None]]
_FACT: Final = {True: AuditAct.FACT_DECLARED, False: AuditAct.FACT_WITHDRAWN}
_FIRST: Final = "first_account"
_SECOND: Final = "second_account"
_FOLLOWS: Final = Text(
    de="Diese Angabe folgt aus den Einstellungen; ändern Sie diese.",
    en="This fact follows from the settings; please change those.",
)
_FOR_A_MACHINE: Final = Text(
    de="Dieses Ziel wird geprüft, nicht bestätigt.", en="This objective is tested, not attested."
)
_TOO_MANY: Final = Text(
    de="Es gibt schon zu viele davon; nehmen Sie zuerst alte zurück.",
    en="There are too many of them already; please withdraw old ones first.",
)
_WAITS_ALREADY: Final = Text(
    de="Hierzu wartet schon eine Abweichung auf die zweite Person; genehmigen Sie diese, oder nehmen Sie sie zurück.",
    en="A deviation from this waits for its second person already; please approve or withdraw that one.",
)
_SAME_ACCOUNT: Final = Text(
    de="Genehmigen muss sie jemand mit einem anderen Konto.", en="Somebody with another account has to approve it."
)
_NOBODY_KNOWS: Final = Text(
    de="Es ist nicht bekannt, welches Konto sie beantragt hat.", en="It is not known which account asked for it."
)


def _find(rows: Sequence[WaiverRow], waiver: str) -> tuple[Waiver, Mapping[str, Any]]:
    """With the accounts that stand beside it. Raises Missing, also where it cannot be read."""
    its = [row for row in rows if row.id == waiver]
    found = next(waivers_of(its), None)
    if found is None:
        raise Missing
    return found, _body(its[0])


def _waiver_row(waiver: Waiver, accounts: Mapping[str, Any]) -> WaiverRow:
    named = {name: accounts[name] for name in (_FIRST, _SECOND) if name in accounts}
    return replace(waiver_row(waiver), body=json.dumps(_body(waiver_row(waiver)) | named))


def _body(row: AttestationRow | WaiverRow) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.body)
    return found


def _new_id() -> str:
    return secrets.token_urlsafe(_ID_BYTES)


# -- what people wrote ------------------------------------------------------------------------------------------------


def _text(field: str, given: str, at_most: int, *, lines: bool = False, empty: bool = False) -> str:
    """As facts are: in NFC, nothing that cannot be seen, nothing that turns the direction of reading."""
    if empty and not given.strip():
        return ""
    spec = FactSpec(field, Kind.TEXT, _NOTHING, _NOTHING, max_length=at_most)
    text = str(_checked(spec, given, field))
    if "\n" in text and not lines:
        raise Refused(field, Text(de="Das muss in eine Zeile passen.", en="This has to be one line."))
    return text


_NOTHING: Final = Text(de="", en="")


def _checked(spec: FactSpec, value: object, field: str) -> FactValue:
    """What is wrong with it is said without the name of the field, beside which it is shown."""
    try:
        return spec.checked(value)
    except FactInvalid as error:
        told = {language: said.partition(": ")[2] for language, said in asdict(error.said).items()}
        said = {language: text[:1].upper() + text[1:] for language, text in told.items()}
        raise Refused(field, Text(de=said["de"], en=said["en"])) from None


def _until(given: str, now: datetime, longest: datetime) -> datetime:
    """A day counts to its end; the last day that may be named ends as early as it must."""
    try:
        if _DAY.fullmatch(given):
            named = datetime.combine(date.fromisoformat(given) + timedelta(days=1), time(), UTC)
        else:
            named = _moment(given)
    except (ValueError, OverflowError):
        raise Refused("until", Text(de="Das ist kein Datum.", en="This is no date.")) from None
    if named <= now:
        raise Refused("until", Text(de="Das liegt nicht in der Zukunft.", en="This is not in the future."))
    if named > longest + timedelta(days=1):
        raise Refused(
            "until",
            Text(
                de=f"Das ist zu spät; der letzte mögliche Tag ist der {longest:%d.%m.%Y}.",
                en=f"This is too late; the last possible day is {longest:%Y-%m-%d}.",
            ),
        )
    return min(named, longest)


def _moment(given: str) -> datetime:
    """Raises ValueError, also without a zone."""
    named = datetime.fromisoformat(given)
    if named.tzinfo is None:
        raise ValueError
    return named.astimezone(UTC)


def _files(given: Sequence[File]) -> list[File]:
    """Each content once: it is known by its digest."""
    if len(given) > FILES_AT_MOST:
        raise Refused("files", Text(de=f"Höchstens {FILES_AT_MOST} Dateien.", en=f"At most {FILES_AT_MOST} files."))
    large = any(len(one.body) > FILE_BYTES for one in given)
    if large or sum(len(one.body) for one in given) > FILES_BYTES:
        each, together = FILE_BYTES // 1024**2, FILES_BYTES // 1024**2
        raise Refused(
            "files",
            Text(
                de=f"Eine Datei hat höchstens {each} MB, alle zusammen {together} MB.",
                en=f"A file has at most {each} MB, all together {together} MB.",
            ),
        )
    return list({one.digest: one for one in map(_file, given)}.values())


def _file(given: File) -> File:
    if not given.body:
        raise Refused("files", Text(de="Eine Datei ist leer.", en="A file is empty."))
    name = _text("files", given.name, FILE_NAME_CHARACTERS)
    if "/" in name or "\\" in name:
        raise Refused("files", Text(de="So kann eine Datei nicht heißen.", en="A file cannot have such a name."))
    fine = len(given.media_type) <= MEDIA_TYPE_CHARACTERS and _MEDIA_TYPE.fullmatch(given.media_type)
    return File(name, given.media_type if fine else _ANY_FILE, given.body)
