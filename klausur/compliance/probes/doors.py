"""Doors that should not be there: tried by everybody who could be in a meeting or administer one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from klausur.compliance.meetings import Guest, Host, Person
from klausur.compliance.signalling import joined, powers
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_PUT_OFF: Final = (429, 503)
"""Neither open nor shut."""
_NO_MEDIA: Final = Text(de="Die Medienvermittlung nahm keine Verbindung an.", en="The media engine took no connection.")


async def try_all(target: Target, paths: Iterable[str], ops: Iterable[str]) -> Mapping[str, Any]:
    """``paths``: with ``{meeting}`` and ``{session}`` in them. Who was let in by which, which ``ops`` of the host were
    taken, what the media engine lets host and guest do, and whether the doors that there are do open.

    Raises CannotLook.
    """
    browser = await target.guests_browser()
    signed_in = {role.value: await target.as_role(role) for role in AccountRole}
    async with target.meeting(fresh=True) as meeting:
        host, guest = Host(meeting, browser), Guest(meeting, browser)
        seat = await host.ask(certificate=host.certificate_of_oneself())
        await host.hello()
        await guest.knock()
        await guest.hello()
        await host.admit(guest)
        ticket = await guest.renew()
        places = [path.format(meeting=meeting.id, session=meeting.session) for path in paths]
        tries = {
            "a stranger": (target.browser(), {}),
            "a participant": (browser, guest.bearing),
            "the host": (browser, host.bearing),
            **{f"the {role}": (its, {}) for role, its in signed_in.items()},
        }
        answers = {
            f"{who}: {path}": status
            for who, (its, headers) in tries.items()
            for path, status in (await _answers(its, places, meeting.proven | headers)).items()
        }
        first = await _engines_answer(target, host, seat["ticket"])
        can = [powers(first), powers(await _engines_answer(target, guest, ticket))]
        taken = [op for op in ops if await _takes(host, op)]
        control = (await browser.get(meeting.path, headers=meeting.proven)).status_code
        for person in (guest, host):
            await person.go()
    return {
        "tried": len(places) * len(tries),
        "opened": [f"{what} ({status})" for what, status in answers.items() if _is_open(status)],
        "limited": [f"{what} ({status})" for what, status in answers.items() if status in _PUT_OFF],
        "taken": taken,
        "control": control,
        "joined": joined(first).identity == host.place.pseudonym,
        "engine": {
            "granted": sorted({power for each in can for power in each.granted}),
            "recording": any(each.recording for each in can),
            "machines": sorted({kind for each in can for kind in each.machines}),
        },
    }


async def _answers(browser: httpx.AsyncClient, paths: Sequence[str], headers: Mapping[str, str]) -> dict[str, int]:
    """Statuses by path."""
    return {path: (await browser.post(path, json={}, headers=headers)).status_code for path in paths}


def _is_open(status: int) -> bool:
    """400, 422 and 500 too: somebody is there who would like to be asked otherwise."""
    return status not in (401, 403, 404, 405, 421, 501, *_PUT_OFF)


async def _engines_answer(target: Target, person: Person, ticket: str) -> bytes:
    try:
        return target.garbled(await person.joined(ticket))
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
    """The doors that there are opened, and no other was merely limited."""
    whole = evidence["tried"] and not evidence["limited"]
    return bool(whole and evidence["joined"]) and evidence["control"] == httpx.codes.OK
