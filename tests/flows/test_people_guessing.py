"""Otto guesses. He is slowed down, learns nothing from answers or from the work behind them, and keeps nobody out."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from klausur.api.people.patience import (
    FADES_AT_NETWORK,
    FORGOTTEN_AFTER,
    FREE,
    FREE_AT_NETWORK,
    LONGEST,
    TURN,
    Patience,
)
from klausur.domain.errors import CodeNeeded, SigninRefused, TooManyAttempts
from tests.accounts import Person, again, code_of, person, random32, stranger
from tests.house import House, ManualClock, house

HOME, ELSEWHERE = "198.51.100.1", "198.51.100.2"


async def guess(otto: Person) -> int:
    return (await otto.sign_in(key=random32())).status_code


# -- slower and slower ------------------------------------------------------------------------------------------------


async def test_after_five_failures_each_takes_longer_until_the_next(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna, address=HOME) as otto:
        assert [await guess(otto) for _ in range(FREE)] == [401] * FREE
        waited = []
        for _ in range(9):
            refused = await otto.sign_in()
            assert code_of(refused) == (429, "too_many_attempts")
            waited.append(int(refused.headers["retry-after"]))
            the_house.clock.advance(timedelta(seconds=waited[-1]))
            assert await guess(otto) == 401
        assert waited == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_it_is_slowed_down_by_name_from_wherever(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna:
        for number in range(FREE):
            async with again(hanna, address=f"203.0.113.{number}") as otto:
                assert await guess(otto) == 401
        async with again(hanna, address="203.0.113.99") as otto:
            assert await guess(otto) == 429


async def test_it_is_slowed_down_by_network_whatever_the_name(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, stranger(the_house, "Otto", address=HOME) as otto:
        for number in range(FREE_AT_NETWORK):
            assert (await otto.sign_in(name=f"Person {number}")).status_code == 401
        assert await guess(otto) == 429
        async with again(hanna, address=ELSEWHERE) as elsewhere:
            assert (await elsewhere.sign_in()).status_code == 200


async def test_names_that_nobody_has_are_slowed_down_alike(the_house: House) -> None:
    async with person(the_house, "Hanna"):
        told = []
        for number, name in enumerate(("Hanna", "Nobody")):
            async with stranger(the_house, name, address=f"203.0.113.{number}") as otto:
                told.append([await guess(otto) for _ in range(FREE + 2)])
        assert told[0] == told[1]


async def test_many_at_once_are_no_more_than_one_after_another(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna, address=HOME) as otto:
        assert Counter(await asyncio.gather(*(guess(otto) for _ in range(20)))) == {401: FREE, 429: 15}


async def test_signing_in_to_ones_own_account_gives_no_free_guesses_at_others(the_house: House) -> None:
    async with (
        person(the_house, "Otto") as his,
        person(the_house, "Hanna") as hanna,
        again(his, address=HOME) as otto,
        again(hanna, address=HOME) as guessing,
    ):
        for _ in range(FREE):
            assert (await otto.sign_in()).status_code == 200
            assert await guess(guessing) == 401
        assert await guess(guessing) == 429


async def test_codes_are_guessed_no_faster(the_house: House) -> None:
    """Otto has the password. Asking for the code in between does not make anybody forget."""
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna, address=HOME) as otto:
        for _ in range(FREE):
            assert code_of(await otto.sign_in()) == (401, "code_needed")
            assert code_of(await otto.sign_in(code="000000")) == (401, "code_refused")
        assert (await otto.sign_in(code="000000")).status_code == 429


async def test_the_current_password_is_guessed_no_faster_by_who_has_a_session(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna:
        body: dict[str, Any] = {"kdf": hanna.kdf, "key": random32(), "wrap": None}
        told = [
            (await hanna.browser.put("/api/account/password", json=body | {"current": random32()})).status_code
            for _ in range(FREE + 1)
        ]
        assert told == [401] * FREE + [429]


async def test_after_fifteen_quiet_minutes_it_is_forgotten(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna, address=HOME) as otto:
        while await guess(otto) == 401:
            pass
        the_house.clock.advance(FORGOTTEN_AFTER)
        assert [await guess(otto) for _ in range(FREE)] == [401] * FREE


async def test_a_network_has_so_many_attempts_a_minute(tmp_path: Path) -> None:
    async with house(tmp_path, limit_signins=3) as its, stranger(its, "Otto") as otto:
        assert [await guess(otto) for _ in range(4)] == [401, 401, 401, 429]


# -- nobody is kept out -----------------------------------------------------------------------------------------------


async def test_who_is_guessed_at_gets_in_all_the_same(the_house: House) -> None:
    """Otto takes every moment at which an attempt is looked at; still Hanna's turn comes."""
    async with (
        person(the_house, "Hanna") as hanna,
        again(hanna, address=ELSEWHERE) as otto,
        again(hanna, address=HOME) as herself,
    ):
        for _ in range(10):
            while await guess(otto) == 401:
                pass
            the_house.clock.advance(LONGEST)
        while await guess(otto) == 401:
            pass
        told = []
        for _ in range(2):
            # Otto was in line before her. After him it is her turn, however often he tries.
            told.append((await herself.sign_in()).status_code)
            for _ in range(int(LONGEST.total_seconds())):
                the_house.clock.advance(timedelta(seconds=1))
                await guess(otto)
        told.append((await herself.sign_in()).status_code)
        assert told == [429, 429, 200]


async def test_passkeys_and_sessions_that_stand_are_not_slowed_down(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna, address=ELSEWHERE) as otto:
        while await guess(otto) == 401:
            pass
        assert await hanna.is_in()
        assert (await hanna.browser.post("/api/signin/passkey/options")).status_code == 200


def attempt(
    patience: Patience, network: str, outcome: type[Exception] | None = SigninRefused, name: str = "hanna"
) -> float:
    """Seconds to wait; 0 when it was looked at."""
    try:
        with patience.attempt(name, network):
            if outcome is not None:
                raise outcome
    except TooManyAttempts as refused:
        return refused.retry_after
    except (SigninRefused, CodeNeeded):
        pass
    return 0


def test_those_who_wait_stand_in_line_and_each_gets_a_turn() -> None:
    clock = ManualClock()
    patience = Patience(clock)
    networks = [f"network {number}" for number in range(10)]
    for number in range(12):
        attempt(patience, f"otto {number}")
        clock.advance(LONGEST)
    attempt(patience, "otto")
    assert all(attempt(patience, network) for network in networks)
    looked_at = []
    for _ in range(len(networks)):
        clock.advance(LONGEST)
        # All of them try at once, the last first: only who is first in line gets through.
        looked_at += [network for network in reversed(networks) if not attempt(patience, network)]
    assert looked_at == networks


def test_who_does_not_take_their_turn_holds_up_the_next_one_for_half_a_minute() -> None:
    clock = ManualClock()
    patience = Patience(clock)
    for number in range(12):
        attempt(patience, f"otto {number}")
        clock.advance(LONGEST)
    attempt(patience, "otto")
    assert attempt(patience, "absent")
    assert attempt(patience, "hanna's")
    clock.advance(LONGEST)
    assert attempt(patience, "hanna's") == TURN.total_seconds()
    clock.advance(TURN)
    assert attempt(patience, "hanna's", outcome=None) == 0


def test_success_forgets_what_was_held_against_the_name_and_not_against_the_network() -> None:
    patience = Patience(ManualClock())
    for number in range(FREE_AT_NETWORK - 1):
        attempt(patience, "home", name=f"person {number}")
    attempt(patience, "home", outcome=None)
    assert attempt(patience, "home") == 0
    assert attempt(patience, "home") > 0
    assert attempt(patience, "elsewhere") == 0


def test_an_office_in_which_somebody_always_mistypes_goes_on_signing_in() -> None:
    clock = ManualClock()
    patience = Patience(clock)
    for number in range(200):
        clock.advance(FADES_AT_NETWORK)
        assert attempt(patience, "office", name=f"mistyped {number}") == 0
        assert attempt(patience, "office", outcome=None, name=f"person {number}") == 0


def test_who_has_guessed_from_an_office_does_not_keep_it_out_for_long() -> None:
    clock = ManualClock()
    patience = Patience(clock)
    for number in range(FREE_AT_NETWORK + 1):
        attempt(patience, "office", name=f"guessed {number}")
    assert attempt(patience, "office", outcome=None, name="ada") > 0
    for number in range(6):
        clock.advance(FADES_AT_NETWORK)
        attempt(patience, "office", name=f"one more {number}")
    clock.advance(FADES_AT_NETWORK)
    assert attempt(patience, "office", outcome=None, name="ada") <= TURN.total_seconds() + 2


def test_the_right_password_keeps_its_turn_for_the_code() -> None:
    clock = ManualClock()
    patience = Patience(clock)
    for number in range(12):
        attempt(patience, f"otto {number}")
        clock.advance(LONGEST)
    assert attempt(patience, "home", outcome=CodeNeeded) == 0
    assert attempt(patience, "home", outcome=None) == 0


# -- nothing is learned -----------------------------------------------------------------------------------------------


@pytest.fixture
def macs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keyed hashes that were made."""
    made: list[int] = []
    digest = hmac.digest

    def count(key: bytes, of: bytes, kind: Any) -> bytes:
        made.append(len(of))
        return digest(key, of, kind)

    monkeypatch.setattr("klausur.identity.keyring.hmac.digest", count)
    return made


async def work(otto: Person, path: str, body: dict[str, Any], statements: list[str], macs: list[int]) -> Any:
    """Answer and what was done for it."""
    statements.clear()
    macs.clear()
    content = json.dumps(body)
    answer = await otto.browser.post(path, content=content, headers={"content-type": "application/json"})
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return answer.status_code, set(answer.json()), headers, list(statements), len(macs)


async def test_a_name_that_nobody_has_takes_the_same_work_and_gets_the_same_answer(
    the_house: House, statements: list[str], macs: list[int]
) -> None:
    async with person(the_house, "Hanna"), person(the_house, "Gustav", strong=True):
        for path, body in (
            ("/api/signin/password", {"key": random32()}),
            ("/api/signin/password", {"key": random32(), "code": "123456"}),
            ("/api/signin/password/kdf", {}),
        ):
            done = []
            for number, name in enumerate(("Hanna", "Gustav", "Nobody", "x", "\u0000", "Ω" * 64)):
                async with stranger(the_house, "Otto", address=f"203.0.113.{number}") as otto:
                    done.append(await work(otto, path, body | {"name": name}, statements, macs))
            assert done[1:] == [done[0]] * 5
            assert done[0][3], "it was looked for"


async def test_the_salt_of_a_name_that_nobody_has_is_always_the_same_and_looks_like_any(tmp_path: Path) -> None:
    async with house(tmp_path) as its, person(its, "Hanna") as hanna:

        async def told(of: House, name: str) -> dict[str, Any]:
            answer = await of.browser.post("/api/signin/password/kdf", json={"name": name})
            kdf: dict[str, Any] = answer.json()["kdf"]
            return kdf

        assert await told(its, "HANNA") == hanna.kdf
        nobodys = await told(its, "Nobody")
        assert nobodys == await told(its, " nobody")
        assert nobodys["salt"] != (await told(its, "Nobody else"))["salt"]
        assert {key: value for key, value in nobodys.items() if key != "salt"} == {
            key: value for key, value in hanna.kdf.items() if key != "salt"
        }
        assert len(nobodys["salt"]) == len(hanna.kdf["salt"])
        async with its.restarted() as later:
            assert await told(later, "Nobody") == nobodys


def test_whoever_fills_it_up_pushes_out_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.api.people.patience._TALLIES_AT_MOST", 40)
    clock = ManualClock()
    patience = Patience(clock)

    def fails(name: str, times: int = 1) -> None:
        for _ in range(times):
            with pytest.raises(SigninRefused), patience.attempt(name, name):
                raise SigninRefused

    fails("an old one")
    for number in range(30):
        fails("hanna") if number < FREE else None
        fails(f"somebody {number}")
        clock.advance(timedelta(milliseconds=1))
    with pytest.raises(SigninRefused), patience.attempt("an old one", "an old one"):
        raise SigninRefused
    assert len(patience._held) <= 40
