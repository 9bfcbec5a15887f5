"""Marked meetings for the probes that look inside, and time that has passed for what is left of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Column, Connection, select, update

from klausur.compliance import meetings
from klausur.compliance.marked import Held, hold
from klausur.compliance.meetings import given
from klausur.compliance.probes.schema import inside_of
from klausur.compliance.target import Target, refused_as
from klausur.domain.accounts import AccountRole
from klausur.domain.errors import StorageUnavailable

_BUSY_PAUSE_SECONDS: Final = 0.05
_BUSY_TRIES: Final = 40


@asynccontextmanager
async def holding(target: Target, *, address: str | None = None) -> AsyncIterator[Held]:
    """With a host and a guest in it. Whatever is left of it goes at the end. Raises CannotLook."""
    organiser, guests = await target.as_role(AccountRole.ORGANISER), await target.guests_browser()
    try:
        held = await hold(organiser, guests, careless=target.careless, address=address)
    except meetings.Refused as refused:
        raise refused_as(refused) from None
    try:
        yield held
    finally:
        for person in (held.guest, held.host):
            await person.go()
        await meetings.cancel(organiser, held.meeting)


async def told_periods(target: Target) -> dict[str, int]:
    """How many minutes things are kept, as the installation tells everybody in its notice."""
    periods: dict[str, int] = given(await target.get("/api/operator"))["retention"]
    return periods


async def set_back(target: Target, column: Column[Any], which: Column[Any], value: str, minutes: int) -> int:
    """As if ``minutes`` more had passed since. Returns in how many rows."""

    def age(connection: Connection) -> int:
        times = [row[0] for row in connection.execute(select(column).where(which == value)) if row[0] is not None]
        changed = 0
        for time in set(times):
            earlier = {column.name: time - timedelta(minutes=minutes)}
            change = update(column.table).where(which == value, column == time).values(earlier)
            changed += connection.execute(change).rowcount
        connection.commit()
        return changed

    inside = inside_of(target)
    for _ in range(_BUSY_TRIES):
        with suppress(StorageUnavailable):
            return await inside.look(age)
        await asyncio.sleep(_BUSY_PAUSE_SECONDS)
    return await inside.look(age)
