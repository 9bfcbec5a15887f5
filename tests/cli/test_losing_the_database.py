"""A server whose database another one has got ends by itself, and says why."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from klausur import build, run
from klausur.domain.errors import DatabaseTaken
from klausur.machine import CannotStartError
from klausur.store.sqlite import SQLite
from tests.house import House, house


@dataclass
class Running:
    """build.Running on a house, with no engine and no jobs."""

    its: House
    lost: DatabaseTaken | None = None
    on_lost: Callable[[], None] = lambda: None

    @property
    def installation(self) -> build.Installation:
        return self.its.built

    async def say_goodbye(self) -> None: ...

    def lose(self) -> None:
        if self.lost is None:
            self.lost = DatabaseTaken("another Klausur is running on it")
            self.on_lost()


async def test_it_ends_with_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(tmp_path) as its:
        running = Running(its)

        @asynccontextmanager
        async def the_house(*_: Any) -> AsyncIterator[Running]:
            yield running

        monkeypatch.setattr(build, "running", the_house)
        loop = asyncio.get_running_loop()

        def lose_soon(_said: str) -> None:
            loop.call_soon(running.lose)

        monkeypatch.setattr(gc, "freeze", lambda: None)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            start = run._Start(its.settings, {}, [listening], None, announce=lose_soon)
            with pytest.raises(CannotStartError) as ended:
                await run._serve(start)
    assert "another Klausur is running on it" in str(ended.value)
    assert str(ended.value).endswith(".")


async def test_a_server_asks_again_and_again_whether_the_database_is_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is really put together, not as this file puts it together."""

    async def taken(_database: SQLite) -> None:
        raise DatabaseTaken("another Klausur is running on it")

    monkeypatch.setattr(SQLite, "claim", taken)
    async with house(tmp_path) as its:
        running = build.Running(its.settings, [], None)
        lost: list[bool] = []
        running.on_lost = lambda: lost.append(True)
        (claim,) = [job for job in running._jobs._jobs if job.name == "claim"]
        with pytest.raises(DatabaseTaken):
            await claim.run()
        assert (lost, running.lost is not None) == ([True], True)
        await running.installation.database.close()
