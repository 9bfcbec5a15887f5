"""Doors that should not be there: tried by everybody who could be in a meeting or administer one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from klausur.compliance.meetings import Guest, Host
from klausur.compliance.signalling import joined, powers
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_NO_MEDIA: Final = Text(de="Die Medienvermittlung nahm keine Verbindung an.", en="The media engine took no connection.")


async def try_all(target: Target, paths: Iterable[str], ops: Iterable[str]) -> Mapping[str, Any]:
    """``paths``: with ``{meeting}`` and ``{session}`` in them. Who was let in by which, which ``ops`` of the host were
    taken, what the media engine lets the host do, and whether the doors that there are do open. Raises CannotLook."""
    browser = await target.guests_browser()
    signed_in = {role.value: await target.as_role(role) for role in AccountRole}
    async with target.meeting(fresh=True) as meeting:
        host, guest = Host(meeting, browser), Guest(meeting, browser)
        seat = await host.ask(certificate=host.certificate_of_oneself())
        await host.hello()
        await guest.knock()
        await guest.hello()
        await host.admit(guest)
        await guest.renew()
        places = [path.format(meeting=meeting.id, session=meeting.session) for path in paths]
        tries = {
            "a stranger": (target.browser(), {}),
            "a participant": (browser, guest.bearing),
            "the host": (browser, host.bearing),
            **{f"the {role}": (its, {}) for role, its in signed_in.items()},
        }
        opened = [
            f"{who}: {path} ({status})"
            for who, (its, headers) in tries.items()
            for path, status in (await _open(its, places, meeting.proven | headers)).items()
        ]
        first = await _engines_answer(target, host, seat["ticket"])
        taken = [op for op in ops if await _takes(host, op)]
        control = (await browser.get(meeting.path, headers=meeting.proven)).status_code
        for person in (guest, host):
            await person.go()
    can = powers(first)
    return {
        "tried": len(places) * len(tries),
        "opened": opened,
        "taken": taken,
        "control": control,
        "joined": joined(first).identity == host.place.pseudonym,
        "engine": {"granted": [*can.granted], "recording": can.recording, "machines": [*can.machines]},
    }


async def _open(browser: httpx.AsyncClient, paths: Sequence[str], headers: Mapping[str, str]) -> dict[str, int]:
    """Those that opened, by path."""
    answers = {path: (await browser.post(path, json={}, headers=headers)).status_code for path in paths}
    return {path: status for path, status in answers.items() if _is_open(status)}


def _is_open(status: int) -> bool:
    """400 and 422 too: somebody is there who would like to be asked otherwise."""
    absent = (401, 403, 404, 405, 421, 429, 501, 503)
    return status not in absent


async def _engines_answer(target: Target, host: Host, ticket: str) -> bytes:
    try:
        return target.garbled(await host.joined(ticket))
    except (InvalidHandshake, OSError, TimeoutError) as error:
        raise CannotLook(_NO_MEDIA) from error


async def _takes(host: Host, op: str) -> bool:
    """Whether an act of this kind is taken: neither refused nor the end of the socket."""
    told: list[dict[str, Any]] = [{"type": "closed"}]
    with suppress(ConnectionClosed):
        told = await host.act(op)
    ended = any(each["type"] == "closed" for each in told)
    if ended:
        await host.hello()
    return not ended and not any(each["type"] == "refused" for each in told)


def faults(evidence: Mapping[str, Any]) -> list[str]:
    engine = evidence["engine"]
    found = [*evidence["opened"], *(f"the host may {op}" for op in evidence["taken"])]
    found += [f"the engine grants {power}" for power in engine["granted"]]
    found += ["the engine records"] if engine["recording"] else []
    return found + [f"{kind} in the room" for kind in engine["machines"]]


def was_there(evidence: Mapping[str, Any]) -> bool:
    """The doors that there are opened."""
    return bool(evidence["joined"]) and evidence["control"] == httpx.codes.OK
