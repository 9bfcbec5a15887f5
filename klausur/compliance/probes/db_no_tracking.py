"""Nothing is kept of how people behave: who spoke how long, was attentive, was there, or is to be rated how."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx
from sqlalchemy import Connection

from klausur.compliance.grades import Grade
from klausur.compliance.marked import Held, end, hold
from klausur.compliance.meetings import Refused, cancel
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probes.schema import inside_of, read_schema, with_column
from klausur.compliance.probes.traces import rows_of
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, refused_as
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_NAMES: Final = """
    active activity attended attendance attention attentive behavior behaviour dominant duration emotion engagement face
    feeling focus gaze heartbeat idle involvement late listening loudness minutes mood online participation performance
    presence productivity profile rank ranking rate rating reaction score seconds sentiment spoke speaking spoken speech
    stress talk talking talktime typing voice voiceprint watched watching
"""
_TRACKING: Final = frozenset(_NAMES.split())
"""A column that is called so is not needed for a meeting. One that is called otherwise is found by what a meeting
leaves in it."""
_WORD: Final = re.compile(r"[a-z]+")
_TO_THE_HOUR: Final = "sessions.seen_hour"
"""It may have struck meanwhile."""
_OF_THE_MEETING: Final = frozenset({"meetings"})
"""What is left of an ended one for ten minutes, with the account that made it."""
_PAGES: Final = ("/api/session", "/api/account", "/api/vault", "/api/operator")

Cells = Mapping[str, Sequence[Sequence[str]]]
"""By table, of each row that names somebody: column and value in turn."""


async def collect(target: Target) -> Evidence:
    """The real schema; and of somebody with an account, and of a guest, what is stored about them before they use the
    pages, after it, while they take part in a meeting and after its end."""
    inside = inside_of(target)
    schema = await inside.look(read_schema)
    person = await target.newcomer(AccountRole.ORGANISER, strong=True)
    browser = target.browser(person)
    before = await _about(target, {"account": person.id})
    pages = [(await browser.get(path)).status_code for path in _PAGES]
    used = await _about(target, {"account": person.id})
    try:
        held = await hold(browser, await target.guests_browser())
    except Refused as refused:
        raise refused_as(refused) from None
    marks = _people(held)
    await _behave(held)
    during = await _about(target, marks)
    await end(held)
    left = await _about(target, marks)
    after = await _about(target, {"account": person.id})
    await cancel(browser, held.meeting)
    return target.evidence(
        columns=sorted(f"{table}.{column}" for table, columns in schema.items() for column in columns),
        pages=pages,
        by_using=_changed(before, used),
        during=sorted(during),
        left=sorted(left),
        by_meeting=_changed(used, after),
        account=sorted(after),
    )


def _people(held: Held) -> dict[str, str]:
    return {name: mark.decode() for name, mark in held.stored.items() if name.endswith(("pseudonym", "seat key"))}


async def _behave(held: Held) -> None:
    """As people do whom a system would like to measure: one talks much, the other little, goes and comes back."""
    for turn in range(5):
        await held.host.speak(f"turn {turn}")
    await held.host.act("mute", held.guest)
    await held.guest.go()
    await held.guest.renew()
    await held.guest.hello()
    await held.guest.settle()


async def _about(target: Target, marks: Mapping[str, str]) -> Cells:
    def search(connection: Connection) -> Cells:
        found: dict[str, list[Sequence[str]]] = {}
        for table, columns in read_schema(connection).items():
            for row in rows_of(connection, table, columns):
                cells = [str(cell) for cell in row]
                if any(mark in cell for mark in marks.values() for cell in cells):
                    pairs = [text for pair in zip(columns, cells, strict=True) for text in pair]
                    found.setdefault(table, []).append(pairs)
        return found

    return await inside_of(target).look(search)


def _changed(before: Cells, after: Cells) -> list[str]:
    """Columns whose values about somebody are others than they were, or new; without the values."""
    found: set[str] = set()
    for table, rows in after.items():
        known = [set(_pairs(row)) for row in before.get(table, ())]
        for row in rows:
            pairs = set(_pairs(row))
            nearest = max(known, key=lambda one: len(one & pairs), default=set())
            found |= {f"{table}.{column}" for column, _ in pairs - nearest}
    return sorted(found)


def _pairs(row: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(row[::2], row[1::2], strict=True)


def judge(evidence: Evidence, _params: Params) -> Judged:
    faults = [f"a place for {column}" for column in evidence["columns"] if _tracks(column)]
    faults += [f"people of an ended meeting in {table}" for table in evidence["left"]]
    changed = {*evidence["by_using"], *evidence["by_meeting"]} - {_TO_THE_HOUR}
    faults += [f"{column} changes" for column in sorted(changed) if column.partition(".")[0] not in _OF_THE_MEETING]
    if faults:
        return failed("Über Verhalten wird etwas gespeichert", "Something is stored about behaviour", faults)
    seen = evidence["during"] and "accounts" in evidence["account"]
    if not seen or not evidence["pages"] or any(status >= httpx.codes.BAD_REQUEST for status in evidence["pages"]):
        return saw_nothing(
            "Die Personen der Prüfung waren nicht in der Datenbank.",
            "The people of the check were not in the database.",
        )
    return passed(
        f"Keine von {len(evidence['columns'])} Spalten ist für Verhalten da, und weder das Nutzen der Seiten noch eine "
        "Besprechung änderte etwas an dem, was über die Beteiligten gespeichert ist.",
        f"None of {len(evidence['columns'])} columns is there for behaviour, and neither using the pages nor a meeting "
        "changed anything of what is stored about those who took part.",
    )


def _tracks(column: str) -> bool:
    """By any word of its name, that of its table included."""
    return bool(_TRACKING & set(_WORD.findall(column.lower())))


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Has a place for how long somebody talked."""
    async with with_column(target, "seats", "talk_seconds") as broken:
        yield broken


PROBE: Final = Probe(
    id="db.no-tracking",
    version=2,
    proves=Text(
        de="Die Datenbank hat keine Spalte, die nach Redezeit, Aufmerksamkeit, Anwesenheit, Stimmung oder Bewertung "
        "heißt. Nutzt jemand mit Konto die Seiten und nimmt an einer Besprechung teil, so ändert sich an keiner Zeile "
        "über diese Person etwas, und nach dem Ende nennt keine mehr die Teilnehmenden.",
        en="The database has no column that is called after talk time, attention, presence, mood or rating. When "
        "somebody with an account uses the pages and takes part in a meeting, no row about them changes, and after "
        "its end none names the participants any more.",
    ),
    proves_not=Text(
        de="Dass aus den Zeiten, die es gibt, nichts zu schließen ist: Eine Anmeldung steht mit Beginn und auf die "
        "Stunde genau mit der letzten Nutzung da, bis sie endet. Verhalten, das nur auf den Geräten gemessen würde; "
        "Spalten, die anders heißen und erst später gefüllt werden (db.inventory).",
        en="That nothing follows from the times that there are: a session stands there with its beginning and, to the "
        "hour, its last use, until it ends. Behaviour that would be measured on devices only; columns that are called "
        "otherwise and are filled later (db.inventory).",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "open_meetings"),
    may_see=Text(
        de="Durchsucht alle Zeilen nach den eigenen Konten und behält nur Namen von Spalten.",
        en="Searches all rows for its own accounts, and keeps only names of columns.",
    ),
    seconds=40.0,
)
