"""Who moderates admits, mutes, stops, removes and locks, and it takes effect; nobody else can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, Host, code_of, put_rules, sealed
from klausur.compliance.probes.lenient import granting
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_ACTS: Final = ("mute", "stop_video", "stop_screen", "lock", "unlock", "remove", "end")
_AIMED: Final = frozenset({"mute", "stop_video", "stop_screen", "remove"})
_AT_THE_DOOR: Final = ("admit", "decline")
_NOT_ALLOWED: Final = "not_allowed"
_LOCKED: Final = "meeting_locked"
_REMOVED: Final = 4404
_DECLINED: Final = 4403


async def collect(target: Target) -> Evidence:
    """What reached whom of each act of the host, and what a participant was told who tried the same."""
    browser = await target.guests_browser()
    async with target.meeting(fresh=True) as meeting:
        host, here, gone = Host(meeting, browser), Guest(meeting, browser), Guest(meeting, browser)
        waiting = Guest(meeting, browser)
        await host.enter()
        before = await _renewed_waiting(here)
        for guest in (here, gone):
            await _come_in(host, guest)
        await waiting.knock()
        await waiting.hello()
        refused: dict[str, list[str]] = {}
        for op in _ACTS:
            refused[op] = await _codes(here, op, host)
            if refused[op] != [_NOT_ALLOWED]:
                # They did it: the meeting is no more what the rest would have to be tried in.
                return target.evidence(refused=refused)
        await here.say(host.admission(waiting.place.pseudonym, waiting.place.key))
        refused["admit"] = _refusals(await here.settle())
        await here.say(_declining(waiting))
        refused["decline"] = _refusals(await here.settle())
        heard = {op: await _heard(host, here, op) for op in ("mute", "stop_video", "stop_screen")}
        await host.act("lock")
        locked = code_of(await Guest(meeting, browser).try_to(knock=sealed()))
        await host.act("unlock")
        unlocked = (await Guest(meeting, browser).try_to(knock=sealed())).status_code
        await host.say(_declining(waiting))
        await host.settle()
        await host.act("remove", gone)
        rules = (await put_rules(host.http, meeting, everyone_shares=False)).status_code
        seen = {
            "before": before,
            "refused": refused,
            "heard": heard,
            "locked": locked,
            "unlocked": unlocked,
            "declined": _code(await waiting.settle()),
            "removed": _code(await gone.settle()),
            "rules": rules,
        }
        for person in (waiting, gone, here, host):
            await person.go()
    return target.evidence(**seen)


async def _come_in(host: Host, guest: Guest) -> None:
    if not guest.secret:
        await guest.knock()
    await host.admit(guest)
    await guest.renew()
    await guest.hello()


async def _renewed_waiting(guest: Guest) -> int:
    """The status of asking for a ticket before being admitted."""
    await guest.knock()
    return (await guest.try_to_renew()).status_code


def _declining(guest: Guest) -> Mapping[str, str]:
    return {"type": "decline", "pseudonym": guest.place.pseudonym}


async def _codes(who: Guest, op: str, target: Host) -> list[str]:
    return _refusals(await who.act(op, target if op in _AIMED else None))


def _refusals(told: Sequence[dict[str, Any]]) -> list[str]:
    """The codes with which it was refused."""
    return [str(each.get("code")) for each in told if each["type"] == "refused"]


async def _heard(host: Host, guest: Guest, op: str) -> bool:
    """Whether it reached them."""
    await host.act(op, guest)
    return any(each.get("op") == op for each in await guest.settle())


def _code(told: Sequence[dict[str, Any]]) -> int:
    """With which the socket ended; 0 where it did not."""
    return next((int(each["code"]) for each in told if each["type"] == "closed"), 0)


def judge(evidence: Evidence, _params: Params) -> Judged:
    whole = set(evidence["refused"]) == {*_ACTS, *_AT_THE_DOOR} and bool(evidence.get("heard"))
    if faults := list(_faults(evidence)):
        return failed(
            "Leiten wirkt nicht, oder bei den Falschen", "Moderating has no effect, or the wrong ones do", faults
        )
    if not whole:
        return saw_nothing("Es wurde nicht alles versucht.", "Not everything was tried.")
    if (blind := unanswered({"a ticket": evidence["before"]})) is not None:
        return blind
    return passed(
        "Zulassen, Abweisen, Stummschalten, Bild und Freigabe beenden, Sperren und Entfernen wirkten; "
        f"{len(evidence['refused'])} Versuche einer teilnehmenden Person wurden abgelehnt.",
        "Admitting, declining, muting, stopping video and screen, locking and removing took effect; "
        f"{len(evidence['refused'])} attempts of a participant were refused.",
    )


def _faults(evidence: Evidence) -> Iterator[str]:
    may = [op for op, codes in evidence["refused"].items() if codes != [_NOT_ALLOWED]]
    yield from (f"a participant may {op}" for op in may)
    if "heard" not in evidence:
        return
    yield from (f"{op} does not arrive" for op, arrived in evidence["heard"].items() if not arrived)
    effects = {
        "waiting for admission": evidence["before"] >= httpx.codes.BAD_REQUEST,
        "locking": evidence["locked"] == _LOCKED,
        "unlocking": evidence["unlocked"] == httpx.codes.ACCEPTED,
        "declining": evidence["declined"] == _DECLINED,
        "removing": evidence["removed"] == _REMOVED,
        "taking back the right to share": evidence["rules"] == httpx.codes.NO_CONTENT,
    }
    yield from (f"no effect of {name}" for name, works in effects.items() if not works)


PROBE: Final = Probe(
    id="authz.moderation",
    version=2,
    proves=Text(
        de="Wer leitet, kann zulassen, abweisen, stummschalten, Bild und Freigabe beenden, sperren und entfernen; "
        "jedes kommt an oder wirkt sofort. Teilnehmenden wird dasselbe verweigert.",
        en="Who hosts can admit, decline, mute, stop video and screen, lock and remove; each arrives or takes effect "
        "at once. Participants are refused the same.",
    ),
    proves_not=Text(
        de="Dass Ton und Bild daraufhin enden: Hier wird nichts übertragen (media.stop, media.mute-at-source).",
        en="That sound and picture end upon it: nothing is transmitted here (media.stop, media.mute-at-source).",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=granting(_LOCKED, httpx.codes.ACCEPTED),  # says of a locked meeting that one may wait
    depends_on=("guests", "open_meetings"),
    seconds=40.0,
)
