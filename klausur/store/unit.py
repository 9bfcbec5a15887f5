"""The unit of work, and what every kind of database gives: ``sqlite.py`` and ``postgres.py`` are the two there are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from klausur.domain.errors import StorageUnavailable
from klausur.store.accounts import AccountRows, AuditRows, InvitationRows, PasskeyRows, SessionRows
from klausur.store.history import HistoryRows
from klausur.store.installation import InstallationRows
from klausur.store.meetings import MeetingRows
from klausur.store.prepared import Do
from klausur.store.proof import ProofRows
from klausur.store.seats import SeatRows, TicketRows
from klausur.store.vaults import VaultRows

T = TypeVar("T")


class Unit:
    def __init__(self, do: Do) -> None:
        self.meetings = MeetingRows(do)
        self.seats = SeatRows(do)
        self.tickets = TicketRows(do)
        self.history = HistoryRows(do)
        self.accounts = AccountRows(do)
        self.passkeys = PasskeyRows(do)
        self.sessions = SessionRows(do)
        self.invitations = InvitationRows(do)
        self.vaults = VaultRows(do)
        self.audit = AuditRows(do)
        self.installation = InstallationRows(do)
        self.proof = ProofRows(do)


class Database(ABC):
    """ports.Store, and what commands need besides. All methods raise StorageUnavailable.

    In a block of ``reading`` all answers are of one moment. What is read in a block of ``writing`` cannot change under
    it: there is one writer at a time, of all processes.
    """

    url: str

    @abstractmethod
    def reading(self) -> AbstractAsyncContextManager[Unit]: ...

    @abstractmethod
    def writing(self) -> AbstractAsyncContextManager[Unit]: ...

    @abstractmethod
    async def look(self, question: Callable[[Connection], T]) -> T: ...

    @abstractmethod
    async def scrub(self, *, deleted: bool) -> None: ...

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    async def claim(self) -> None:
        """For a server, which must be the only one, for as long as this is open. Again from time to time: with the
        connection to a database that is somewhere else the claim may have gone. Raises DatabaseTaken."""

    def file_to_make(self) -> Path | None:
        """What the first start makes, where that is yet to come and is a file."""
        return None

    async def answers(self) -> bool:
        """Whether it can be written to, not only read.

        A full disk lets a transaction begin, and write as long as nothing is committed: so as much as the largest card
        goes in and out again, and is committed.
        """
        try:
            async with self.writing() as unit:
                await unit.meetings.probe()
        except StorageUnavailable:
            return False
        return True

    async def writable(self) -> bool:
        """Whether a write may begin, whatever tables there are."""
        try:
            async with self.writing():
                return True
        except StorageUnavailable:
            return False


class Alone(ABC):
    """A database for commands, which may wait: outside any event loop, with no limit to how long a statement takes."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Connection]:
        """All that is read in the block is of one moment, whoever writes meanwhile."""

    @abstractmethod
    def changing(self) -> AbstractContextManager[Connection]:
        """One transaction, tables included. Nobody else writes before its end."""

    @abstractmethod
    def replacing(self, aside: str) -> AbstractContextManager[tuple[Connection, str]]:
        """An empty database, which takes the place of the one there is at the end of the block; until then nothing is
        changed. What was there is kept: the second value says as what, empty where there was nothing."""

    def is_missing(self) -> bool:
        """Whether there is nothing to be opened."""
        return False
