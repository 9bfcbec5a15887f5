"""What should be at the engine against what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from klausur.domain.errors import StorageUnavailable
from klausur.domain.events import EngineEvent
from klausur.media.fake import FakeEngine
from klausur.media.reconcile import Reconciler, Repairs, compare

HANNA, GUSTAV, OTTO = "hanna", "gustav", "otto"
ROOMS = st.dictionaries(st.sampled_from("abc"), st.frozensets(st.sampled_from("123")))


@given(expected=ROOMS, actual=ROOMS)
def test_after_the_repairs_nothing_is_there_that_should_not_be(
    expected: Mapping[str, frozenset[str]], actual: Mapping[str, frozenset[str]]
) -> None:
    repairs = compare(expected, actual)
    left = {
        (room, who)
        for room, people in actual.items()
        if room not in repairs.end
        for who in people
        if (room, who) not in repairs.remove
    }
    seats = {(room, who) for room, people in expected.items() for who in people}
    assert left <= seats
    assert left | repairs.absent == seats


def test_what_is_right_needs_no_repair() -> None:
    nothing = Repairs(frozenset(), frozenset(), frozenset())
    assert compare({"a": {HANNA}, "b": set()}, {"a": {HANNA}}) == nothing


@dataclass
class House:
    """The control plane's side."""

    engine: FakeEngine = field(default_factory=FakeEngine)
    seats: dict[str, set[str]] = field(default_factory=dict)
    noted: list[tuple[EngineEvent, str, str]] = field(default_factory=list)
    broken: bool = False

    async def state(self) -> Mapping[str, Set[str]]:
        if self.broken:
            raise StorageUnavailable
        return {room: frozenset(people) for room, people in self.seats.items()}

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
