"""Of sessions and links of accounts nothing stays once their time is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from klausur.compliance.controlling import run_jobs
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import given
from klausur.compliance.probes.held import set_back
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probes.schema import inside_of
from klausur.compliance.probes.traces import ALL_OF_IT_SECONDS, in_tables
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, resettled
from klausur.compliance.words import Text
from klausur.domain import encoding
from klausur.domain.accounts import AccountRole
from klausur.store import tables

_INVITATIONS: Final = "/api/admin/invitations"
# Written out once more: what deletes must not be what says when.
_IDLE_MINUTES: Final = 12 * 60
_LIVES_MINUTES: Final = 7 * 24 * 60
"""How long they are kept at most, as the inventory tells (inventory.yaml)."""


async def collect(target: Target) -> Evidence:
    """Where two sessions and a link are stored, and where still when their time is over and the server has done its
    periodic work; and the same of a session whose time is not over."""
    inside_of(target)
    old, idle, used = [await _session(target) for _ in range(3)]
    ada = await target.as_role(AccountRole.ADMINISTRATOR)
    made = given(await ada.post(_INVITATIONS, json={"role": AccountRole.ORGANISER.value}))
    link = encoding.digest(made["token"])
    over = {"session too old": old, "session not used": idle, "link not used": link}
    marks = {name: mark.encode() for name, mark in over.items()}
    control = {"session in use": used.encode()}
    stored = await in_tables(target, marks | control)
    its, links = tables.sessions.c, tables.invitations.c
    back = {
        "session too old": await set_back(target, its.began_at, its.hash, old, _LIVES_MINUTES),
        "session not used": await set_back(target, its.seen_hour, its.hash, idle, _IDLE_MINUTES),
        "link not used": await set_back(target, links.expires_at, links.hash, link, _LIVES_MINUTES),
    }
    await run_jobs(target)
    left, kept = await in_tables(target, marks), await in_tables(target, control)
    await ada.delete(f"{_INVITATIONS}/{made['id']}")
    return target.evidence(stored=stored, set_back=back, left=left, kept=kept)


async def _session(target: Target) -> str:
    """Of somebody new; as it is stored."""
    person = await target.newcomer(AccountRole.ORGANISER, strong=False)
    return encoding.digest(person.session.partition("=")[2])


def judge(evidence: Evidence, _params: Params) -> Judged:
    missing = [name for name, where in evidence["stored"].items() if not where]
    missing += [name for name, rows in evidence["set_back"].items() if not rows]
    if missing or not evidence["left"]:
        told = ", ".join(sorted(set(missing)))
        return saw_nothing(f"Nie gespeichert: {told}.", f"Never stored: {told}.")
    faults = [f"{name} in {place}" for name, where in evidence["left"].items() for place in where]
    if faults:
        return failed("Nach Ablauf ist noch da", "When its time is over there still is", faults)
    if not all(evidence["kept"].values()):
        return saw_nothing(
            "Auch eine Sitzung, die noch gilt, ist fort: Über die Zeit sagt das nichts.",
            "A session that still holds has gone, too: that says nothing about time.",
        )
    return passed(
        f"{len(evidence['left'])} Sitzungen und Links von Konten, deren Zeit vorbei war, standen nach den regelmäßigen "
        "Arbeiten in keiner Tabelle mehr; eine Sitzung, die noch gilt, stand noch da.",
        f"{len(evidence['left'])} sessions and links of accounts whose time was over were in no table any more after "
        "the periodic work; a session that still holds was there.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Says that its periodic work is done, and has done nothing."""

    async def idle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"done\n")
        await writer.drain()
        writer.close()

    with TemporaryDirectory(prefix="klausur-check-") as folder:
        door = await asyncio.start_unix_server(idle, path=Path(folder) / "control")
        async with door:
            yield resettled(target, data=folder)


PROBE: Final = Probe(
    id="retention.accounts",
    version=1,
    proves=Text(
        de="Eine Anmeldesitzung, die vor sieben Tagen begann, eine, die zwölf Stunden lang niemand nutzte, und ein "
        "Einladungslink, den sieben Tage lang niemand nutzte, stehen nach den regelmäßigen Arbeiten des Servers in "
        "keiner Tabelle mehr.",
        en="A session that began seven days ago, one that nobody has used for twelve hours, and a link of an "
        "invitation that nobody has used for seven days are in no table any more after the server's periodic work.",
    ),
    proves_not=Text(
        de="Dass Konten gelöscht werden, die niemand mehr braucht: Das entscheiden Menschen. Links zur Einrichtung und "
        "zum Zurücksetzen; freie Seiten der Datenbank und Sicherungen. Die Zeit ist in der Datenbank zurückgestellt, "
        "nicht abgewartet.",
        en="That accounts are deleted that nobody needs any more: people decide that. Links for the first setup and "
        "for resetting; free pages of the database, and backups. Time was set back in the database, not waited for.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.EFFECT,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("data",),
    may_see=Text(
        de="Durchsucht alle Zeilen nach eigenen Kennzeichen und behält davon nichts.",
        en="Searches all rows for its own marks, and keeps nothing of them.",
    ),
    seconds=ALL_OF_IT_SECONDS,
)
