"""The export of a person contains everything that was stored of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import httpx
from sqlalchemy import Connection

from klausur.compliance import meetings
from klausur.compliance.cast import Member
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import given
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probes.schema import inside_of, read_schema
from klausur.compliance.probes.traces import rows_of
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_IN_FEW_WORDS: Final = "Firefox, Linux"
_TABLES: Final = frozenset({"accounts", "meetings", "sessions", "vault_wraps", "vaults"})
"""In which there is something of whoever was made here."""

_HASH: Final = "a hash, which proves something and says nothing"
_KEY: Final = "a key, or what makes one"
_COUNTER: Final = "a counter of ours"
_NOT_TOLD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accounts.name_key": "the name once more, as names are compared",
        "accounts.disabled": "whoever is disabled cannot ask",
        "accounts.kdf": _KEY,
        "accounts.verifier": _HASH,
        "accounts.totp_sealed": _KEY,
        "accounts.totp_last_step": _COUNTER,
        "accounts.provider_subject": _HASH,
        "passkeys.public_key": _KEY,
        "passkeys.sign_count": _COUNTER,
        "backup_codes.hash": _HASH,
        "sessions.hash": _HASH,
        "sessions.provider": "told of the account",
        "sessions.provider_session": _HASH,
        "meetings.state": "told by when it ended",
        "meetings.host_public_key": _KEY,
        "meetings.proof_hash": _HASH,
        "meetings.card_version": _COUNTER,
        "meetings.card_sealed": "the person's browsers alone can read it, and have it",
        "meetings.rules_version": _COUNTER,
        "meetings.rules_document": "the person's browsers wrote it, and have it",
        "meetings.rules_signature": _HASH,
        "meetings.times_version": _COUNTER,
        "audit.id": _COUNTER,
        "audit.account": "somebody else's, where it is not one's own",
    }
)
"""Columns that no export need hold, and why. Whatever is stored in another has to be in it."""

Rows: TypeAlias = Mapping[str, Sequence[Mapping[str, str]]]
"""By table, each by column."""


async def collect(target: Target) -> Evidence:
    """In which columns something is stored of somebody who was made with marks, and which of it their export lacks."""
    inside_of(target)
    person = await target.newcomer(AccountRole.ORGANISER)
    browser = target.browser(person)
    signed_in = {"name": person.name, "key": person.key, "code": await _code(target, person)}
    answer = await target.browser().post("/api/signin/password", json=signed_in, headers={"User-Agent": _BROWSER})
    given(answer)
    meeting = await meetings.open_meeting(browser)
    rows = await _stored(target, person.id)
    export = await browser.get("/api/account/export")
    told = given(export)
    marks = {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "vault": person.vault,
        "meeting": meeting.id,
        "browser of a session": _IN_FEW_WORDS,
    }
    await meetings.cancel(browser, meeting)
    await browser.delete("/api/account")
    cells = {cell for its in rows.values() for row in its for cell in row.values()}
    columns = sorted({f"{table}.{column}" for table, its in rows.items() for row in its for column in row})
    return target.evidence(
        marks={name: mark in cells for name, mark in marks.items()},
        tables={table: len(its) for table, its in rows.items()},
        columns=[name for name in columns if name not in _NOT_TOLD],
        not_told={name: _NOT_TOLD[name] for name in columns if name in _NOT_TOLD},
        missing=_missing(rows, told, person.id),
        wraps=len(told.get("vault_wraps", ())),
        second_factor=bool(told.get("totp")),
        type=export.headers.get("content-type", ""),
    )


async def _stored(target: Target, account: str) -> Rows:
    """Every row that names the account, whatever the table; of each what is not empty."""

    def search(connection: Connection) -> Rows:
        found: dict[str, list[Mapping[str, str]]] = {}
        for table, columns in read_schema(connection).items():
            for row in rows_of(connection, table, columns):
                if account in row:
                    pairs = zip(columns, row, strict=True)
                    found.setdefault(table, []).append({name: _plain(cell) for name, cell in pairs if cell is not None})
        return found

    return await inside_of(target).look(search)


def _plain(value: object) -> str:
    """The same of a row, whatever the database, and of an export."""
    if isinstance(value, bool):
        return str(int(value))
    text = str(value)
    with suppress(ValueError):
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="milliseconds")
    return text


def _missing(rows: Rows, told: Mapping[str, Any], account: str) -> list[str]:
    """Columns of which a value is not in that part of the export which comes nearest to its row."""
    found: set[str] = set()
    for table, its in rows.items():
        parts = [_pairs(part) for part in _parts(told, table)]
        for row in its:
            wanted = {
                (column, text)
                for column, text in row.items()
                if f"{table}.{column}" not in _NOT_TOLD and (text != account or told.get("id") != account)
            }
            nearest = max(parts, key=lambda part: len(part & wanted), default=set())
            found |= {f"{table}.{column}" for column, _ in wanted - nearest}
    return sorted(found)


def _pairs(part: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(name, _plain(value)) for name, value in part.items()}


def _parts(told: Mapping[str, Any], table: str) -> Sequence[Mapping[str, Any]]:
    """What the export tells of the rows of a table, by the names of its columns."""
    match table:
        case "accounts":
            return [told]
        case "vaults":
            return [{"version": told.get("vault", {}).get("version"), "blob": told.get("vault_blob")}]
        case "meetings":
            return [each | {"id": each["meeting"]} for each in told.get("meetings", ())]
        case _:
            parts = told.get(table)
            # Of backup codes their number.
            return parts if isinstance(parts, list) else []


async def _code(target: Target, person: Member) -> str:
    """Not the one that made the second factor: each is good once."""
    if target.cast is None:
        raise RuntimeError(person.name)
    return person.code(target.cast.clock, ahead=1)


def judge(evidence: Evidence, _params: Params) -> Judged:
    unseen = [name for name, there in evidence["marks"].items() if not there]
    unseen += sorted(_TABLES - set(evidence["tables"]))
    if unseen or not evidence["marks"] or not evidence["columns"]:
        told = ", ".join(unseen)
        return saw_nothing(f"Nie gespeichert: {told}.", f"Never stored: {told}.")
    faults = [*evidence["missing"]]
    faults += [] if evidence["wraps"] else ["keys of the vault"]
    faults += [] if evidence["second_factor"] else ["second factor"]
    faults += [] if evidence["type"].startswith("application/json") else ["not machine-readable"]
    if faults:
        return failed("Im Export fehlt", "The export lacks", faults)
    return passed(
        f"Der Export enthielt alles, was in {len(evidence['columns'])} Spalten über die Person gespeichert war, "
        f"maschinenlesbar; {len(evidence['not_told'])} weitere sind begründet ausgenommen.",
        f"The export held all that was stored of the person in {len(evidence['columns'])} columns, machine-readable; "
        f"{len(evidence['not_told'])} more are left out for a reason.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Leaves out the meetings that somebody has made."""

    def forgetful(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path.endswith("/export") and answer.is_success:
            return httpx.Response(200, json=answer.json() | {"meetings": []})
        return answer

    async with damaged(target, forgetful) as broken:
        yield broken


PROBE: Final = Probe(
    id="rights.export",
    version=2,
    proves=Text(
        de="Wer sich Daten ausgeben lässt, erhält jeden Wert jeder Zeile, die in der Datenbank zu einem eigens "
        "angelegten, gekennzeichneten Konto steht: Name, Rolle, Sitzungen, Tresor, Besprechungen. Ausgenommen sind "
        "einzeln benannte Spalten, mit dem Grund dafür im Nachweis.",
        en="Who asks for their data is given each value of each row that the database has of a marked account made for "
        "this: name, role, sessions, vault, meetings. Left out are columns that are named one by one, with the reason "
        "in the evidence.",
    ),
    proves_not=Text(
        de="Dass auch Passkeys, Hinweise und Einträge der Protokollierung enthalten sind: Davon hatte die Person "
        "keine. Werte, die nur etwas beweisen (Prüfsummen, Schlüssel, Siegel), und Zähler gehören nicht dazu. Zeilen, "
        "in denen die Kennung des Kontos nicht steht.",
        en="That passkeys, notices and entries of the trail are in it, too: the person had none. Values that only "
        "prove something (hashes, keys, seals) and counters do not belong to it. Rows in which the id of the account "
        "does not stand.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.EFFECT,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("open_meetings",),
    may_see=Text(
        de="Durchsucht alle Zeilen nach dem eigenen Konto und behält nur Namen von Spalten.",
        en="Searches all rows for its own account, and keeps only names of columns.",
    ),
    seconds=40.0,
)
