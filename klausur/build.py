"""The one place that knows everyone: Settings in, a running installation out."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

from fastapi import FastAPI

from klausur import account_key, log
from klausur.actions.expect_rooms import expect_rooms
from klausur.actions.note_engine_event import NoteEngineEvent
from klausur.actions.people.circle import People
from klausur.actions.presence import Presence
from klausur.actions.redeem_ticket import RedeemTicket
from klausur.actions.world import Rules, World
from klausur.api.app import Doors, Front, build_api, build_app
from klausur.api.asgi import App
from klausur.api.attempts import Allowed, Attempts
from klausur.api.errors import problem
from klausur.api.guards import Site
from klausur.api.hub import Hub
from klausur.api.parts import Inside, OperatorFacts, Parts
from klausur.api.people.patience import Patience
from klausur.api.people.provider import CALLBACK
from klausur.api.readiness import Readiness
from klausur.api.sockets import EventsSocket, SocketLimits
from klausur.api.static import ClientFiles
from klausur.api.strangers import Strangers
from klausur.contradictions import is_address
from klausur.control import ControlDoor
from klausur.domain.errors import DatabaseTaken, StorageUnavailable
from klausur.domain.policy import Openers
from klausur.domain.ports import Clock, Connections, MediaEngine, Passage
from klausur.domain.proof_ports import JUDGED_PAGES, SERVER_PAGE, PageRow, ProofOffice, basis, is_outdated, is_over
from klausur.identity.codes import TimeCodes
from klausur.identity.keyring import AccountKey
from klausur.identity.passkeys import Passkeys, RelyingParty
from klausur.identity.provider import Provider, ProviderFacts
from klausur.inside import look_inside
from klausur.jobs import claim, reconcile, sweep
from klausur.jobs import people as people_job
from klausur.jobs.check import CHECK, Command, daily, judging
from klausur.jobs.runner import Job, Runner
from klausur.loopback import LoopbackListener
from klausur.machine import CannotStartError, nearest, try_writing
from klausur.media import preflight
from klausur.media.bridge import Limits
from klausur.media.engine import EmbeddedEngine, OutsideEngine
from klausur.media.livekit import LiveKitRooms
from klausur.media.nodes import ApiKey, Engine, EngineNotStartedError, answers
from klausur.media.preflight import EngineSettings, addresses_of
from klausur.media.reconcile import Reconciler
from klausur.media.signalling import SignallingProxy
from klausur.media.webhooks import WebhookDoor
from klausur.proving import Child, ProofProcesses
from klausur.settings import Settings, for_children, plain
from klausur.store.migrate import is_current, migrate_apart
from klausur.store.opening import open_database
from klausur.store.unit import Database

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport

    from klausur.doctor import Finding

__all__ = ["EngineNotStartedError", "Installation", "Media", "Running", "assemble", "examine", "migrate", "running"]

CLIENT_FOLDER = Path(__file__).resolve().parent.parent / "web" / "dist"


class Rooms(MediaEngine, Protocol):
    def token(self, passage: Passage) -> str: ...


@dataclass(frozen=True, slots=True)
class Media:
    """The media engine: where it is, and what it is told."""

    engine: Engine
    rooms: Rooms


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class AllConnections:
    """ports.Connections over the doors that have some. Doors are added while building: they need the World too."""

    def __init__(self) -> None:
        self._doors: list[Connections] = []

    def add(self, door: Connections) -> None:
        self._doors.append(door)

    async def drop(self, meeting: str, pseudonym: str, *, reason: str) -> None:
        for door in self._doors:
            await door.drop(meeting, pseudonym, reason=reason)


class Beside:
    """ports.Errands, as tasks."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, errand: Coroutine[Any, Any, None]) -> None:
        # The loop itself holds tasks only weakly.
        task = asyncio.create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """What is not done yet is not done any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Installation:
    """All services, wired, not yet running."""

    app: App
    api: FastAPI
    """Behind the app's guards."""
    world: World
    presence: Presence
    hub: Hub
    signalling: SignallingProxy
    notes: NoteEngineEvent
    database: Database
    pages: ClientFiles
    people: People
    beside: Beside
    strangers: Strangers


def assemble(
    settings: Settings,
    media: Media,
    *,
    clock: Clock | None = None,
    client: Path = CLIENT_FOLDER,
    origins: Mapping[str, str] | None = None,
    outside: AsyncBaseTransport | None = None,
) -> Installation:
    """``origins``: of the settings, as ``settings.read`` tells them. ``outside``: in place of the network between us
    and the identity provider. Raises CannotStartError where a secret cannot be kept."""
    database = open_database(settings.database)
    hub, connections = Hub(), AllConnections()
    rules = Rules(Openers(settings.open_meetings), settings.max_participants, guests=settings.guests == "allowed")
    beside = Beside()
    world = World(database, clock or SystemClock(), media.rooms, hub, connections, rules, beside)
    people = circle(settings, database, world.clock, outside)
    presence = Presence(world)
    signalling = SignallingProxy(
        RedeemTicket(world, presence),
        media.rooms,
        media.engine,
        max_participants=settings.max_participants,
        problem=problem,
        limits=Limits(messages_per_second=settings.limit_messages, message_bytes=settings.limit_signal_bytes),
    )
    connections.add(hub)
    connections.add(signalling)
    pages = ClientFiles(client, settings.language, settings.operator_name)
    limits = SocketLimits(settings.limit_event_bytes, settings.limit_messages)
    doors = Doors(EventsSocket(world, presence, hub, limits), cast(App, signalling), pages)
    inside = look_inside(settings, origins or {}, media.engine, media.rooms)
    parts = _parts(settings, world, people, inside, _office(settings, origins or {}, beside))
    api = build_api(parts)
    app = build_app(api, parts, doors, _front(settings))
    notes = NoteEngineEvent(world)
    return Installation(
        app, api, world, presence, hub, signalling, notes, database, pages, people, beside, parts.strangers
    )


def cleaning_of(its: Installation) -> Sequence[Job]:
    """What lets time do its work; safe to run at any time."""
    return sweep.job(its.world, its.presence), people_job.job(its.people)


def circle(settings: Settings, database: Database, clock: Clock, outside: AsyncBaseTransport | None = None) -> People:
    """What actions on accounts need; also of commands, beside a running server. Raises CannotStartError
    where the account key cannot be kept."""
    name = settings.site.hostname or "localhost"
    codes = TimeCodes(f"Klausur {name}")
    return People(
        database,
        clock,
        AccountKey(account_key.kept(settings)),
        codes,
        passkeys=_passkeys(settings, name, clock),
        provider=_provider(settings, clock, outside),
    )


@asynccontextmanager
async def people_of(settings: Settings) -> AsyncIterator[People]:
    """For commands, beside a running server or without one. Raises CannotStartError, StorageUnavailable."""
    database = open_database(settings.database)
    try:
        if database.file_to_make() is not None or not await is_current(database):
            raise CannotStartError(
                "There is no database of this release yet (DATABASE_URL, else in DATA); run `klausur migrate` first."
            )
        await account_key.require(settings, database)
        yield circle(settings, database, SystemClock())
    finally:
        await database.close()


def _passkeys(settings: Settings, name: str, clock: Clock) -> Passkeys | None:
    """None where people reach us by an address: browsers bind passkeys to names."""
    if is_address(name):
        return None
    origins = tuple(sorted(origin for origin in settings.origins if urlsplit(origin).hostname == name))
    return Passkeys(RelyingParty(id=name, name="Klausur", origins=origins), clock)


def _provider(settings: Settings, clock: Clock, outside: AsyncBaseTransport | None) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    site = settings.site.geturl()
    facts = ProviderFacts(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id or "",
        client_secret=settings.oidc_client_secret or "",
        name=settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or "",
        new_accounts=settings.oidc_new_accounts,
        name_claim=settings.oidc_name_claim,
        strong=frozenset(settings.oidc_second_factor),
        callback=f"{site}{CALLBACK}",
        after_logout=f"{site}/signin",
    )
    return Provider(facts, clock, transport=outside)


def _command(environment: Mapping[str, str]) -> Command:
    return Command((sys.executable, "-m", "klausur"), environment)


def _office(settings: Settings, origins: Mapping[str, str], beside: Beside) -> ProofProcesses:
    environment = for_children(settings, origins)
    check = _command(environment)
    child = Child((sys.executable, "-m", "klausur.compliance.child"), environment)
    return ProofProcesses(settings.data, child, lambda: check.run(CHECK), beside)


def _parts(settings: Settings, world: World, people: People, inside: Inside, office: ProofOffice) -> Parts:
    allowed = Allowed(
        openings_per_10_minutes=settings.limit_openings,
        knocks_per_minute=settings.limit_knocks,
        meeting_knocks_per_minute=settings.limit_meeting_knocks,
        wrong_secrets_per_minute=settings.limit_tickets,
        signins_per_minute=settings.limit_signins,
        sockets=settings.limit_sockets,
    )
    operator = OperatorFacts(
        name=settings.operator_name,
        contact=settings.operator_contact,
        language=settings.language,
        open_meetings=settings.open_meetings,
        max_participants=settings.max_participants,
        guests=settings.guests,
    )
    attempts, patience = Attempts(allowed), Patience(world.clock)
    return Parts(
        world,
        attempts,
        Readiness(world),
        operator,
        people,
        patience,
        Strangers(attempts, patience),
        inside,
        office,
        secure=settings.secure,
    )


def _front(settings: Settings) -> Front:
    proxied = not settings.own_tls and settings.secure and not settings.local
    return Front(
        site=Site(settings.origins, proxied=proxied),
        trusted_proxies=settings.trusted_proxies,
        tls=settings.secure,
        body_bytes=settings.limit_body,
    )


def migrate(settings: Settings) -> None:
    """Raises StorageUnavailable."""
    migrate_apart(settings.database)


def examine(settings: Settings) -> Sequence[Finding]:
    """What ``klausur doctor`` finds."""
    from klausur import doctor  # noqa: PLC0415 - a server that runs has no use for X.509 in its memory

    log.configure("error")

    async def engine() -> str | None:
        if not settings.embedded:
            reached = [await asyncio.to_thread(answers, node, 3.0) for node in settings.engine]
            return None if all(reached) else "not all nodes of ENGINE answer; check their addresses and that they run."
        try:
            preflight.check_file(settings.engine_program)
            await preflight.check_version(str(settings.engine_program.absolute()))
        except EngineNotStartedError as error:
            return error.sentence
        return None

    async def media_address() -> str | None:
        try:
            preflight.check_addresses(await media_addresses(settings))
        except EngineNotStartedError as error:
            return error.sentence
        return None

    async def database() -> str | None:
        return await _why_no_database(settings)

    async def key() -> str | None:
        return await account_key.why_not(settings)

    return doctor.run(settings, doctor.Probes(database, key, engine, media_address))


async def _why_no_database(settings: Settings) -> str | None:
    opened = open_database(settings.database)
    if file := opened.file_to_make():
        return _why_not_made(file.parent, settings.data.absolute())
    try:
        # A database that the next start has yet to bring up to date cannot answer, and need not.
        fine = await opened.writable() if not await is_current(opened) else await opened.answers()
    except StorageUnavailable as error:
        return f"it cannot be used ({error}); check it, and where it is said to be (DATABASE_URL, else in DATA)."
    finally:
        await opened.close()
    return None if fine else "it cannot be written to; check the disk and who owns it (DATABASE_URL, else in DATA)."


def _why_not_made(folder: Path, data: Path) -> str | None:
    """A start makes the database, and of folders only DATA."""
    try:
        try_writing(nearest(folder) if folder == data else folder)
    except OSError as error:
        return f"it cannot be made in {folder} ({error.strerror}); check DATABASE_URL, else DATA."
    return None


# -- running ----------------------------------------------------------------------------------------------------------


class Running:
    """An installation with its engine, listener and jobs."""

    def __init__(
        self,
        settings: Settings,
        addresses: list[str],
        metrics: socket.socket | None,
        origins: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = settings
        self.lost: DatabaseTaken | None = None
        """Another server has the database."""
        self.on_lost: Callable[[], None] = lambda: None
        self._listener: LoopbackListener | None = None
        self._engine = self._choose_engine(settings, addresses)
        self._rooms = LiveKitRooms(self._engine)
        self.installation = assemble(settings, Media(self._engine, self._rooms), origins=origins)
        its = self.installation
        if settings.embedded:
            # Outside nodes cannot reach our loopback; for them the reconciler does all.
            door = WebhookDoor(lambda: self._engine.key, self._rooms.own_name, its.notes)
            self._listener = LoopbackListener(door)
        reconciler = Reconciler(self._rooms, lambda: expect_rooms(its.world), its.notes)
        self._metrics = LoopbackListener(self._metrics_door(), metrics) if metrics else None
        cleaning = cleaning_of(its)
        jobs = [*cleaning, reconcile.job(reconciler.once), claim.job(its.database.claim, self._lose)]
        command = _command(for_children(settings, origins or {}))
        jobs += [daily(settings.check_at, its.world.clock, command.run)]
        jobs += [judging(self._proof_is(is_over), self._proof_is(is_outdated), command.run)]
        self._jobs = Runner(jobs)
        self._control = ControlDoor(settings.data, cleaning, its.strangers)

    def _choose_engine(self, settings: Settings, addresses: list[str]) -> Engine:
        if not settings.embedded:
            key = ApiKey(settings.engine_key or "", settings.engine_secret or "")
            return OutsideEngine(settings.engine, key)
        return EmbeddedEngine(
            engine_settings(settings, addresses),
            webhook_url=lambda: self._listener.url if self._listener else None,
        )

    def _metrics_door(self) -> App:
        from klausur.api.metrics import Counts, MetricsDoor  # noqa: PLC0415 - who does not ask for it need not hold it

        its = self.installation

        async def count() -> Counts:
            openings = len(await expect_rooms(its.world))
            return Counts(openings, its.hub.open_sockets, its.signalling.open_sockets, await self._rooms.healthy())

        return MetricsDoor(count)

    async def start(self) -> None:
        """Raises EngineNotStartedError, StorageUnavailable."""
        if self._listener is not None:
            await self._listener.start()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._engine.start())
                both.create_task(self._prepare_database())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        self._jobs.start()
        await self._control.start()
        if self._metrics is not None:
            await self._metrics.start()

    async def _prepare_database(self) -> None:
        its = self.installation
        await its.database.claim()
        if not await is_current(its.database):
            await asyncio.to_thread(migrate_apart, its.database.url)
        if not await its.database.answers():
            raise StorageUnavailable("it cannot be written to")
        await account_key.keep(self._settings, its.database)
        # What is seen of this server is seen of one with these settings, whatever is set meanwhile.
        async with its.database.writing() as unit:
            await unit.proof.put_page(
                SERVER_PAGE, its.world.clock.now(), basis(plain(self._settings), version("klausur"))
            )
        await its.presence.start_afresh()

    def _proof_is(self, so: Callable[[Mapping[str, PageRow], datetime], bool]) -> Callable[[], Awaitable[bool]]:
        async def asked() -> bool:
            its = self.installation
            async with its.database.reading() as unit:
                pages = await unit.proof.pages(JUDGED_PAGES)
            return so(pages, its.world.clock.now())

        return asked

    def _lose(self, error: DatabaseTaken) -> None:
        self.lost = error
        self.on_lost()

    async def say_goodbye(self) -> None:
        """Everybody is told that we shall be back, and nobody is let in any more."""
        await asyncio.gather(self.installation.hub.restart(), self.installation.signalling.drop_all())

    async def stop(self) -> None:
        if self._metrics is not None:
            await self._metrics.stop()
        await self._control.stop()
        await self._jobs.stop()
        await self.installation.beside.end()
        await self._engine.stop()
        self._rooms.close()
        if self._listener is not None:
            await self._listener.stop()
        await self.installation.database.close()


def engine_settings(settings: Settings, addresses: list[str]) -> EngineSettings:
    return EngineSettings(
        binary=settings.engine_program,
        addresses=addresses,
        udp_port=settings.media_udp_port,
        tcp_port=settings.media_tcp_port,
        local_only=settings.local,
        max_participants=settings.max_participants,
    )


async def media_addresses(settings: Settings) -> list[str]:
    """Raises EngineNotStartedError when the public name leads nowhere."""
    if settings.media_address or not settings.embedded:
        return list(settings.media_address)
    if settings.local:
        return ["127.0.0.1"]
    return await addresses_of(urlsplit(settings.public_url or "").hostname or "")


@asynccontextmanager
async def running(
    settings: Settings, metrics: socket.socket | None = None, origins: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """``metrics``: listens already, and nobody but this machine can reach it. ``origins``: see ``assemble``."""
    await account_key.require_beforehand(settings)
    it = Running(settings, await media_addresses(settings), metrics, origins)
    try:
        await it.start()
        yield it
    finally:
        await it.stop()
