"""The rules, without anything around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klausur.domain import encoding
from klausur.domain.errors import CardOutdated, MeetingEnded, MeetingFull, SessionChanged, TicketRefused
from klausur.domain.events import DROP_REASONS, DropReason
from klausur.domain.meeting import (
    SEATED,
    Card,
    IllegalMove,
    MeetingState,
    Opening,
    OpeningState,
    Seat,
    SeatMove,
    SeatState,
    Ticket,
    TicketState,
    admitted,
    ended,
    given_up_if_away_since,
    instant_meeting,
    next_card,
    redeemed,
    require_live,
    seat_after,
    vacated,
)

NINE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SEAT = Seat("M", "session", "P", "hash", "sealed", SeatState.ARRIVING, 0, NINE)
TICKET = Ticket("hash", "session", "P", TicketState.FRESH, NINE)
OPENING = Opening("session", "M", "room")


def after(*moves: SeatMove) -> Seat:
    seat = SEAT
    for minute, move in enumerate(moves, start=1):
        seat = seat_after(seat, move, NINE + timedelta(minutes=minute))
    return seat


def test_a_seat_is_present_while_it_has_any_connection() -> None:
    one = after(SeatMove.CONNECT)
    assert (one.state, one.since) == (SeatState.PRESENT, NINE + timedelta(minutes=1))
    resumed = after(SeatMove.CONNECT, SeatMove.CONNECT, SeatMove.DISCONNECT)
    assert (resumed.state, resumed.since) == (SeatState.PRESENT, NINE + timedelta(minutes=1))
    gone = after(SeatMove.CONNECT, SeatMove.DISCONNECT)
    assert (gone.state, gone.away, gone.since) == (SeatState.AWAY, True, NINE + timedelta(minutes=2))


def test_illegal_moves_say_what_was_legal() -> None:
    with pytest.raises(IllegalMove, match="disconnect is not legal in arriving; legal: connect, leave"):
        after(SeatMove.DISCONNECT)
    with pytest.raises(IllegalMove, match="connect is not legal in gone; legal: nothing"):
        after(SeatMove.LEAVE, SeatMove.CONNECT)
    meeting = ended(instant_meeting("M", "key", "hash", NINE), NINE)
    with pytest.raises(IllegalMove, match="end is not legal in ended"):
        ended(meeting, NINE)
    with pytest.raises(IllegalMove, match="vacate is not legal in prepared"):
        vacated(OPENING, 0, NINE)


@given(st.lists(st.sampled_from(SeatMove)))
def test_whatever_happens_leaving_is_final_and_connections_are_counted(moves: list[SeatMove]) -> None:
    seat = SEAT
    for move in moves:
        was_gone = seat.state is SeatState.GONE
        try:
            seat = seat_after(seat, move, NINE)
        except IllegalMove:
            assert was_gone or (move is SeatMove.DISCONNECT and seat.connections == 0)
        assert (seat.state is SeatState.PRESENT) == (seat.connections > 0)
        assert not was_gone or seat.state is SeatState.GONE
    if SeatMove.LEAVE in moves:
        assert (seat.state, seat.announcement) == (SeatState.GONE, "")


@given(st.integers(0, 200), st.booleans(), st.sampled_from(SeatState))
def test_a_ticket_is_first_used_within_a_minute_or_never(seconds: int, served: bool, state: SeatState) -> None:
    ticket = replace(TICKET, state=TicketState.SERVING) if served else TICKET
    seat = replace(SEAT, state=state)
    now = NINE + timedelta(seconds=seconds)
    if state in SEATED and (served or seconds < 60):
        assert redeemed(ticket, seat, now).state is TicketState.SERVING
    else:
        with pytest.raises(TicketRefused):
            redeemed(ticket, seat, now)


def test_a_ticket_is_for_its_own_seat() -> None:
    for other in (replace(SEAT, pseudonym="Q"), replace(SEAT, session="another")):
        with pytest.raises(TicketRefused):
            redeemed(TICKET, other, NINE)


def test_an_opening_takes_as_many_as_it_may() -> None:
    assert admitted(OPENING, 1, 2, NINE).state is OpeningState.OPEN
    with pytest.raises(MeetingFull):
        admitted(OPENING, 2, 2, NINE)
    with pytest.raises(SessionChanged):
        admitted(replace(OPENING, state=OpeningState.OVER), 0, 2, NINE)


def test_an_opening_is_empty_from_when_the_last_leaves_until_the_next_comes() -> None:
    opened = admitted(OPENING, 0, 2, NINE)
    assert opened.began_at == NINE
    assert vacated(opened, 1, NINE) == opened
    empty = vacated(opened, 0, NINE)
    assert empty.empty_since == NINE
    assert vacated(empty, 0, NINE + timedelta(minutes=1)).empty_since == NINE
    again = admitted(empty, 0, 2, NINE + timedelta(minutes=2))
    assert (again.empty_since, again.began_at) == (None, NINE)


def test_a_meeting_lives_for_a_day() -> None:
    meeting = instant_meeting("M", "key", "hash", NINE)
    require_live(meeting, NINE + timedelta(hours=24) - timedelta(microseconds=1))
    with pytest.raises(MeetingEnded):
        require_live(meeting, NINE + timedelta(hours=24))
    with pytest.raises(MeetingEnded):
        require_live(ended(meeting, NINE), NINE)


def test_cards_are_numbered_without_a_gap_and_die_with_the_meeting() -> None:
    meeting = instant_meeting("M", "key", "hash", NINE)
    first = next_card(meeting, 1, "sealed")
    written = replace(meeting, card=first)
    assert next_card(written, 2, "again") == Card(2, "again")
    for version in (0, 1, 3):
        with pytest.raises(CardOutdated):
            next_card(written, version, "x")
    assert (ended(written, NINE).card, ended(written, NINE).state) == (None, MeetingState.ENDED)


def test_away_is_five_minutes() -> None:
    assert given_up_if_away_since(NINE) == NINE - timedelta(minutes=5)


def test_reasons_are_a_closed_list() -> None:
    assert {reason.value for reason in DropReason} == DROP_REASONS


# -- encoding ---------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=64))
def test_bytes_have_one_spelling(raw: bytes) -> None:
    text = encoding.encode(raw)
    assert len(text) == encoding.characters(len(raw))
    assert encoding.decode(text, 64) == (raw or None)
    assert encoding.decode(text + "=", 64) is None
    assert encoding.decode(text, len(raw) - 1) is None or not raw


@pytest.mark.parametrize(
    "text", ["", "A" * 21, "A" * 23, "AAAAAAAAAAAAAAAAAAAAAB", "A" * 21 + "+", "A" * 21 + "é", "A" * 21 + "\n"]
)
def test_what_is_no_id(text: str) -> None:
    assert not encoding.is_sized(text, 16)


@given(st.text())
def test_no_text_breaks_the_decoder(text: str) -> None:
    raw = encoding.decode(text, 1000)
    assert raw is None or encoding.encode(raw) == text
    encoding.digest(text)
