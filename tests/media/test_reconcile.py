"""What should be at the engine against what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from klausur.domain.errors import StorageUnavailable
from klausur.domain.events import EngineEvent
from klausur.media.fake import FakeEngine
from klausur.media.reconcile import Reconciler, Repairs, compare

HANNA, GUSTAV, OTTO = "hanna", "gustav", "otto"
Rooms = Mapping[str, Mapping[str, bool]]
ROOMS = st.dictionaries(st.sampled_from("abc"), st.dictionaries(st.sampled_from("123"), st.booleans()))


def people(rooms: Rooms) -> dict[tuple[str, str], bool]:
    return {(room, who): share for room, inside in rooms.items() for who, share in inside.items()}


@given(expected=ROOMS, actual=ROOMS)
def test_after_the_repairs_nothing_is_there_and_nobody_may_anything_that_should_not_be(
    expected: Rooms, actual: Rooms
) -> None:
    repairs = compare(expected, actual)
    left = {
        (room, who): share
        for (room, who), share in people(actual).items()
        if room not in repairs.end and (room, who) not in repairs.remove
    }
    left |= {(room, who): share for room, who, share in repairs.permit}
    seats = people(expected)
    assert left.items() <= seats.items()
    assert left.keys() | repairs.absent == seats.keys()


def test_what_is_right_needs_no_repair() -> None:
    nothing = Repairs(frozenset(), frozenset(), frozenset(), frozenset())
    assert compare({"a": {HANNA: True, GUSTAV: False}, "b": {}}, {"a": {HANNA: True, GUSTAV: False}}) == nothing


@dataclass
class House:
    """The control plane's side."""

    engine: FakeEngine = field(default_factory=FakeEngine)
    seats: dict[str, set[str]] = field(default_factory=dict)
    listeners: set[str] = field(default_factory=set)
    """Who may not share."""
    noted: list[tuple[EngineEvent, str, str]] = field(default_factory=list)
    broken: bool = False

    async def state(self) -> Rooms:
        if self.broken:
            raise StorageUnavailable
        return {room: {who: who not in self.listeners for who in people} for room, people in self.seats.items()}

    async def note(self, event: EngineEvent, room: str, identity: str) -> None:
        self.noted.append((event, room, identity))

    def reconciler(self) -> Reconciler:
        return Reconciler(self.engine, self.state, self.note)


async def test_otto_who_has_no_seat_is_put_out_and_hanna_stays() -> None:
    house = House(seats={"a": {HANNA}})
    house.engine.enter("a", HANNA)
    house.engine.enter("a", OTTO)
    await house.reconciler().once()
    assert house.engine.table["a"].participants == {HANNA}


async def test_who_may_share_is_put_right_at_the_engine() -> None:
    house = House(seats={"a": {HANNA, GUSTAV}}, listeners={GUSTAV})
    house.engine.enter("a", HANNA, may_share=False)
    house.engine.enter("a", GUSTAV, may_share=True)
    await house.reconciler().once()
    assert house.engine.table["a"].sharers == {HANNA}
    repaired = len(house.engine.calls)
    await house.reconciler().once()
    assert [call for call in house.engine.calls[repaired:] if call[0] == "permit"] == []


async def test_what_changes_while_the_engine_counts_is_not_undone() -> None:
    house = House(seats={"a": {GUSTAV}}, listeners={GUSTAV})
    house.engine.enter("a", GUSTAV, may_share=True)
    house.engine.hang()
    round_ = asyncio.create_task(house.reconciler().once())
    await house.engine.called.wait()
    house.listeners.clear()
    house.engine.go_on()
    await round_
    assert house.engine.table["a"].sharers == {GUSTAV}


async def test_rooms_without_an_opening_are_ended() -> None:
    house = House()
    house.engine.enter("old", OTTO)
    await house.reconciler().once()
    assert house.engine.table == {}


async def test_a_seat_is_reported_absent_only_when_it_was_so_twice() -> None:
    house = House(seats={"a": {HANNA, GUSTAV}})
    reconciler = house.reconciler()
    await reconciler.once()
    assert house.noted == []
    house.engine.enter("a", HANNA)
    await reconciler.once()
    assert house.noted == [(EngineEvent.PARTICIPANT_LEFT, "a", GUSTAV)]


async def test_somebody_who_takes_a_seat_while_the_engine_counts_is_not_put_out() -> None:
    house = House(seats={"a": set()})
    house.engine.enter("a", HANNA)
    house.engine.hang()
    round_ = asyncio.create_task(house.reconciler().once())
    await house.engine.called.wait()
    house.seats["a"].add(HANNA)
    house.engine.go_on()
    await round_
    assert house.engine.table["a"].participants == {HANNA}


async def test_a_round_without_engine_or_database_repairs_nothing_and_the_next_one_does() -> None:
    house = House(seats={"a": set()})
    house.engine.enter("a", OTTO)
    reconciler = house.reconciler()
    house.engine.fail(times=1)
    await reconciler.once()
    house.broken = True
    await reconciler.once()
    house.broken = False
    assert house.engine.table["a"].participants == {OTTO}
    await reconciler.once()
    assert house.engine.table["a"].participants == set()


async def test_one_failed_repair_keeps_none_of_the_others_from_happening() -> None:
    house = House(seats={"a": set()})
    house.engine.enter("a", HANNA)
    house.engine.enter("a", OTTO)
    reconciler = house.reconciler()
    remove = house.engine.remove

    async def fails_first(room: str, identity: str) -> None:
        house.engine.fail(times=1 if identity == HANNA else 0)
        await remove(room, identity)

    house.engine.remove = fails_first  # type: ignore[method-assign]
    await reconciler.once()
    assert house.engine.table["a"].participants == {HANNA}
