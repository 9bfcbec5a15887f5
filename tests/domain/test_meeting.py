"""The rules, without anything around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klausur.domain import encoding
from klausur.domain.admission import Rules
from klausur.domain.errors import (
    CardOutdated,
    Declined,
    Malformed,
    MeetingEnded,
    MeetingFull,
    MeetingLocked,
    MeetingNotStarted,
    NotAdmitted,
    NotYourSeat,
    Removed,
    RulesOutdated,
    SessionChanged,
    TicketRefused,
    TimesOutdated,
)
from klausur.domain.events import DROP_REASONS, DropReason
from klausur.domain.meeting import (
    SEATED,
    Card,
    IllegalMove,
    MeetingMove,
    MeetingState,
    Opening,
    Seat,
    SeatMove,
    SeatState,
    Ticket,
    TicketState,
    entered,
    given_up_if_away_since,
    instant_meeting,
    meeting_after,
    moved,
    next_card,
    planned_meeting,
    redeemed,
    require_entrance,
    require_live,
    require_next_rules,
    require_room,
    require_seated,
    require_session,
    require_waiting_room,
    role_in,
    seat_after,
    vacated,
)
from klausur.domain.policy import Role

NINE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SEAT = Seat("M", "session", "P", "hash", "sealed", SeatState.ARRIVING, 0, NINE)
KNOCKING = replace(SEAT, state=SeatState.WAITING, knock="sealed", knocked_at=NINE)
TICKET = Ticket("hash", "session", "P", TicketState.FRESH, NINE)
OPENING = Opening("session", "M", "room")
MEETING = instant_meeting("M", "key", "hash", NINE)
PLANNED = planned_meeting(MEETING, NINE + timedelta(days=1), NINE + timedelta(days=2), NINE)


def after(*moves: SeatMove, seat: Seat = SEAT) -> Seat:
    for minute, move in enumerate(moves, start=1):
        seat = seat_after(seat, move, NINE + timedelta(minutes=minute))
    return seat


# -- seats ------------------------------------------------------------------------------------------------------------


def test_a_seat_is_present_while_it_has_any_connection() -> None:
    one = after(SeatMove.CONNECT)
    assert (one.state, one.since) == (SeatState.PRESENT, NINE + timedelta(minutes=1))
    resumed = after(SeatMove.CONNECT, SeatMove.CONNECT, SeatMove.DISCONNECT)
    assert (resumed.state, resumed.since) == (SeatState.PRESENT, NINE + timedelta(minutes=1))
    gone = after(SeatMove.CONNECT, SeatMove.DISCONNECT)
    assert (gone.state, gone.away, gone.since) == (SeatState.AWAY, True, NINE + timedelta(minutes=2))


def test_who_waits_stays_waiting_whatever_their_sockets_do() -> None:
    reloaded = after(SeatMove.CONNECT, SeatMove.CONNECT, SeatMove.DISCONNECT, seat=KNOCKING)
    assert (reloaded.state, reloaded.connections, reloaded.since) == (SeatState.WAITING, 1, NINE)
    unconnected = after(SeatMove.CONNECT, SeatMove.DISCONNECT, seat=KNOCKING)
    assert (unconnected.state, unconnected.since) == (SeatState.WAITING, NINE + timedelta(minutes=2))
    assert unconnected.knocked_at == NINE


def test_whoever_is_admitted_arrives_without_the_sockets_of_the_lobby() -> None:
    seat = after(SeatMove.CONNECT, SeatMove.ADMIT, seat=KNOCKING)
    assert (seat.state, seat.connections, seat.knock) == (SeatState.ARRIVING, 0, "")


def test_who_is_declined_knocks_once_more_and_then_never_again() -> None:
    again = after(SeatMove.DECLINE, SeatMove.KNOCK, seat=KNOCKING)
    assert (again.state, again.knocked_at) == (SeatState.WAITING, NINE + timedelta(minutes=2))
    with pytest.raises(Declined) as caught:
        after(SeatMove.DECLINE, SeatMove.KNOCK, SeatMove.DECLINE, SeatMove.KNOCK, seat=KNOCKING)
    assert not caught.value.again


def test_nobody_gets_from_having_been_declined_or_removed_to_the_inside() -> None:
    for seat in (after(SeatMove.DECLINE, seat=KNOCKING), after(SeatMove.REMOVE)):
        for move in (SeatMove.ADMIT, SeatMove.CONNECT):
            with pytest.raises(IllegalMove):
                seat_after(seat, move, NINE)


def test_illegal_moves_say_what_was_legal() -> None:
    with pytest.raises(IllegalMove, match="disconnect is not legal in arriving; legal: connect, leave, remove"):
        after(SeatMove.DISCONNECT)
    with pytest.raises(IllegalMove, match="connect is not legal in gone; legal: nothing"):
        after(SeatMove.LEAVE, SeatMove.CONNECT)
    with pytest.raises(IllegalMove, match="admit is not legal in removed; legal: nothing"):
        after(SeatMove.REMOVE, SeatMove.ADMIT)
    ended = meeting_after(MEETING, MeetingMove.END, NINE)
    with pytest.raises(IllegalMove, match="end is not legal in ended"):
        meeting_after(ended, MeetingMove.END, NINE)
    with pytest.raises(IllegalMove, match="lock is not legal in scheduled; legal: begin, end"):
        meeting_after(MEETING, MeetingMove.LOCK, NINE)


@given(st.sampled_from([SEAT, KNOCKING]), st.lists(st.sampled_from(SeatMove)))
def test_whatever_happens_what_is_over_stays_over_and_nobody_is_inside_uninvited(
    seat: Seat, moves: list[SeatMove]
) -> None:
    admitted = seat.state is SeatState.ARRIVING
    for move in moves:
        was_over = seat.state in (SeatState.GONE, SeatState.REMOVED)
        try:
            seat = seat_after(seat, move, NINE)
        except (IllegalMove, Declined):
            continue
        admitted = admitted or move is SeatMove.ADMIT
        assert not was_over
        assert seat.connections >= 0
        assert seat.state not in SEATED or admitted
    if seat.state in SEATED:
        assert (seat.state is SeatState.PRESENT) == (seat.connections > 0)
    if seat.state in (SeatState.GONE, SeatState.REMOVED):
        assert (seat.announcement, seat.admission, seat.knock, seat.connections) == ("", "", "", 0)


def test_a_seat_is_asked_for_what_it_is() -> None:
    require_seated(SEAT)
    for state, error in (
        (SeatState.WAITING, NotAdmitted),
        (SeatState.DECLINED, NotAdmitted),
        (SeatState.GONE, NotYourSeat),
        (SeatState.REMOVED, Removed),
    ):
        with pytest.raises(error):
            require_seated(replace(SEAT, state=state))


def test_what_somebody_is_depends_on_the_seat_and_the_rules() -> None:
    seat = replace(SEAT, key="K")
    ruled = replace(MEETING, rules=Rules(session="session", cohosts=("K",)))
    assert role_in(MEETING, seat) is Role.PARTICIPANT
    assert role_in(ruled, seat) is Role.COHOST
    assert role_in(ruled, replace(seat, session="another")) is Role.PARTICIPANT
    assert role_in(ruled, replace(seat, role=Role.HOST)) is Role.HOST
    assert role_in(ruled, replace(seat, state=SeatState.WAITING)) is Role.WAITING
    for state in (SeatState.GONE, SeatState.REMOVED):
        assert role_in(ruled, replace(seat, state=state, role=Role.HOST)) is Role.OUTSIDER


def test_away_is_five_minutes() -> None:
    assert given_up_if_away_since(NINE) == NINE - timedelta(minutes=5)


# -- tickets ----------------------------------------------------------------------------------------------------------


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


# -- openings ---------------------------------------------------------------------------------------------------------


def test_an_opening_takes_as_many_as_it_may_and_as_many_wait() -> None:
    require_room(1, 2)
    with pytest.raises(MeetingFull):
        require_room(2, 2)
    require_waiting_room(199)
    with pytest.raises(MeetingFull):
        require_waiting_room(200)
    with pytest.raises(SessionChanged):
        require_session(OPENING, "another")


def test_an_opening_is_empty_from_when_the_last_leaves_until_the_next_comes() -> None:
    assert vacated(OPENING, 0, NINE) == OPENING  # nobody has ever been inside
    opened = entered(OPENING, NINE)
    assert opened.began_at == NINE
    assert vacated(opened, 1, NINE) == opened
    empty = vacated(opened, 0, NINE)
    assert empty.empty_since == NINE
    assert vacated(empty, 0, NINE + timedelta(minutes=1)).empty_since == NINE
    again = entered(empty, NINE + timedelta(minutes=2))
    assert (again.empty_since, again.began_at) == (None, NINE)


# -- meetings ---------------------------------------------------------------------------------------------------------


def test_a_meeting_lives_for_a_day() -> None:
    require_live(MEETING, NINE + timedelta(hours=24) - timedelta(microseconds=1))
    with pytest.raises(MeetingEnded):
        require_live(MEETING, NINE + timedelta(hours=24))
    with pytest.raises(MeetingEnded):
        require_live(meeting_after(MEETING, MeetingMove.END, NINE), NINE)


def test_an_instant_meeting_ends_with_its_opening_and_a_planned_one_has_another() -> None:
    opened = meeting_after(MEETING, MeetingMove.BEGIN, NINE)
    assert meeting_after(opened, MeetingMove.CLOSE, NINE).state is MeetingState.ENDED
    planned = meeting_after(PLANNED, MeetingMove.BEGIN, NINE)
    assert meeting_after(planned, MeetingMove.CLOSE, NINE).state is MeetingState.SCHEDULED
    assert meeting_after(planned, MeetingMove.CLOSE, PLANNED.closes_at).state is MeetingState.ENDED


def test_a_locked_meeting_and_one_that_has_yet_to_start_let_in_the_host_alone() -> None:
    locked = meeting_after(meeting_after(MEETING, MeetingMove.BEGIN, NINE), MeetingMove.LOCK, NINE)
    for role in (Role.PARTICIPANT, Role.COHOST):
        with pytest.raises(MeetingLocked):
            require_entrance(locked, role, NINE)
        with pytest.raises(MeetingNotStarted):
            require_entrance(PLANNED, role, NINE)
        require_entrance(PLANNED, role, NINE + timedelta(days=1))
    for meeting in (locked, PLANNED):
        require_entrance(meeting, Role.HOST, NINE)
    assert meeting_after(locked, MeetingMove.BEGIN, NINE).state is MeetingState.LOCKED
    assert meeting_after(locked, MeetingMove.UNLOCK, NINE).state is MeetingState.OPEN


@pytest.mark.parametrize(("opens", "closes"), [(2, 1), (1, 1), (-2, 0), (-2, -1), (1, 401)])
def test_a_planned_meeting_has_times_in_order_ahead_and_not_too_far_off(opens: int, closes: int) -> None:
    with pytest.raises(Malformed):
        planned_meeting(MEETING, NINE + timedelta(days=opens), NINE + timedelta(days=closes), NINE)


def test_a_planned_meeting_is_moved_by_the_next_version_alone() -> None:
    opens, closes = NINE + timedelta(days=5), NINE + timedelta(days=9)
    once = moved(PLANNED, 1, opens, closes, NINE)
    assert (once.opens_at, once.closes_at, once.times_version) == (opens, closes, 1)
    for version in (0, 1, 3):
        with pytest.raises(TimesOutdated):
            moved(once, version, opens, closes, NINE)
    assert moved(once, 2, NINE - timedelta(days=300), closes, NINE).state is once.state


@pytest.mark.parametrize("opens", [datetime.min.replace(tzinfo=UTC), NINE - timedelta(days=366 * 51)])
def test_no_year_is_so_far_back_that_there_is_no_reckoning_with_it(opens: datetime) -> None:
    for attempt in (planned_meeting, lambda *times: moved(PLANNED, 1, *times[1:])):
        with pytest.raises(Malformed):
            attempt(MEETING, opens, NINE + timedelta(days=1), NINE)


def test_an_instant_meeting_has_no_times_to_be_moved() -> None:
    with pytest.raises(Malformed):
        moved(MEETING, 1, NINE, NINE + timedelta(days=1), NINE)


@pytest.mark.parametrize(("opens", "closes"), [(2, 1), (1, 1), (-2, -1), (-1, 0), (0, 401)])
def test_a_meeting_is_moved_to_times_it_could_have_been_planned_for(opens: int, closes: int) -> None:
    with pytest.raises(Malformed):
        moved(PLANNED, 1, NINE + timedelta(days=opens), NINE + timedelta(days=closes), NINE)


def test_cards_and_rules_are_numbered_without_a_gap_and_die_with_the_meeting() -> None:
    first = next_card(MEETING, 1, "sealed")
    written = replace(MEETING, card=first, rules=Rules(version=1, waiting_room=False))
    assert next_card(written, 2, "again") == Card(2, "again")
    require_next_rules(written, Rules(version=2))
    for version in (0, 1, 3):
        with pytest.raises(CardOutdated):
            next_card(written, version, "x")
        with pytest.raises(RulesOutdated):
            require_next_rules(written, Rules(version=version))
    ended = meeting_after(written, MeetingMove.END, NINE)
    assert (ended.card, ended.rules, ended.state) == (None, Rules(), MeetingState.ENDED)


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
