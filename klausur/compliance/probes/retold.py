"""The database of a broken target: the proof in it is told otherwise than it is."""

from __future__ import annotations

import copy
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Connection

from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text
from klausur.domain.errors import StorageUnavailable
from klausur.store.proof import ProofRows
from klausur.store.unit import Database, Unit

T = TypeVar("T")

NO_DATABASE = Text(de="Die Datenbank ist von hier nicht zu erreichen.", en="The database cannot be reached from here.")
_READ_ONLY = "a broken target is for reading alone"


def inside(target: Target) -> Database:
    """Raises CannotLook."""
    if target.inside is None:
        raise CannotLook(NO_DATABASE)
    return target.inside


def retold(target: Target, told: Callable[[ProofRows], ProofRows]) -> Target:
    """The same target, where ``told`` stands before the rows of the proof. Raises CannotLook."""
    return replace(target, inside=_Retold(inside(target), told), mark=secrets.token_urlsafe(9))


class _Retold(Database):
    """For reading alone."""

    def __init__(self, real: Database, told: Callable[[ProofRows], ProofRows]) -> None:
        self.url = real.url
        self._real = real
        self._told = told

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Unit]:
        async with self._real.reading() as unit:
            shown = copy.copy(unit)
            shown.proof = self._told(unit.proof)
            yield shown

    def reading(self) -> AbstractAsyncContextManager[Unit]:
        return self._reading()

    def writing(self) -> AbstractAsyncContextManager[Unit]:
        raise StorageUnavailable(_READ_ONLY)

    async def look(self, question: Callable[[Connection], T]) -> T:
        return await self._real.look(question)

    async def scrub(self, *, deleted: bool) -> None:  # noqa: ARG002 - as Database has it
        raise StorageUnavailable(_READ_ONLY)

    async def claim(self) -> None:
        raise StorageUnavailable(_READ_ONLY)

    async def close(self) -> None: ...


class Rows(ProofRows):
    """Those of ``real``, for who changes one of the answers."""

    def __init__(self, real: ProofRows) -> None:
        super().__init__(real._do)
