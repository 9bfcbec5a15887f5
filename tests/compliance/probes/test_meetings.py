"""Hanna hosts, Gustav is her guest, and Ada administers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from klausur.api.hub import Hub
from klausur.compliance.evidence import Status
from klausur.compliance.probes import (
    authz_admin_sees_no_content,
    authz_guests_can_be_forbidden,
    authz_moderation,
    authz_removed_stays_out,
)
from klausur.domain import policy
from klausur.domain.admission import Rules
from klausur.domain.meeting import Seat, Ticket
from klausur.store.seats import TicketRows
from tests.compliance.probes.running import installed


async def test_guests_can_be_kept_out(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "neither be seen nor entered" in await its.is_green(authz_guests_can_be_forbidden.PROBE)


async def test_a_seat_for_everybody_with_the_link_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.actions.take_seat.require_guest_or_account", lambda *_, **__: None)
    async with installed(tmp_path) as its:
        told = await its.is_red(authz_guests_can_be_forbidden.PROBE)
        assert "knock" in told
        assert "look" not in told


async def test_administration_looks_into_no_meeting(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "no way led into it" in await its.is_green(authz_admin_sees_no_content.PROBE)


async def test_a_door_that_asks_administrators_for_no_proof_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("klausur.actions.door.hmac.compare_digest", lambda _given, _known: True)
    async with installed(tmp_path) as its:
        assert "look: 200" in await its.is_red(authz_admin_sees_no_content.PROBE)


async def test_who_moderates_keeps_order(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "9 attempts of a participant were refused" in await its.is_green(authz_moderation.PROBE)


@pytest.mark.parametrize("act", ["mute", "remove", "end", "admit", "decline"])
async def test_participants_who_may_moderate_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Also where what they do ends it for the host."""
    operation = policy.Operation(act)
    row = policy.TABLE[operation]
    loosened = policy._Row(row.by | {policy.Role.PARTICIPANT}, row.against)
    monkeypatch.setattr(policy, "TABLE", {**policy.TABLE, operation: loosened})
    async with installed(tmp_path) as its:
        assert f"a participant may {act}" in await its.is_red(authz_moderation.PROBE)


async def test_who_was_removed_stays_out(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "stayed closed" in await its.is_green(authz_removed_stays_out.PROBE)


async def test_a_link_that_still_opens_to_who_was_removed_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only without a waiting room: with one it opens to nobody anyway."""
    monkeypatch.setattr(Rules, "must_knock", lambda rules, _session, _removed: rules.waiting_room)
    async with installed(tmp_path) as its:
        assert "enter with the link" in await its.is_red(authz_removed_stays_out.PROBE)


async def test_a_link_that_opens_to_nobody_shows_nothing_of_who_was_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rules, "must_knock", lambda *_: True)
    async with installed(tmp_path) as its:
        assert (await its.look(authz_removed_stays_out.PROBE)).status is Status.NOTHING_SEEN


async def test_a_socket_that_outlasts_its_seat_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_given: object, **_reason: str) -> None: ...

    monkeypatch.setattr(Hub, "drop", nothing)
    async with installed(tmp_path) as its:
        assert "the socket stayed open" in await its.is_red(authz_removed_stays_out.PROBE)


async def test_tickets_that_outlast_a_removal_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lasting(ticket: Ticket, _seat: Seat, _now: datetime) -> Ticket:
        return ticket

    async def nothing(*_given: object) -> None: ...

    monkeypatch.setattr("klausur.actions.redeem_ticket.redeemed", lasting)
    monkeypatch.setattr(TicketRows, "void", nothing)
    monkeypatch.setattr(TicketRows, "void_of_gone", nothing)
    async with installed(tmp_path) as its:
        assert "the ticket" in await its.is_red(authz_removed_stays_out.PROBE)
