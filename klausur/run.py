"""``klausur serve`` from its settings to its end, and every reason why it cannot start, in a sentence."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import structlog
import uvloop

from klausur import build, log
from klausur.actions.people.setup import offer_setup
from klausur.api.server import Server, Serving
from klausur.domain.errors import StorageUnavailable
from klausur.machine import CannotStartError, bound_for_metrics, check_tls, listening, own_folder
from klausur.settings import Settings
from klausur.stopping import on_request

__all__ = ["CannotStartError", "migrate", "own_folder", "serve"]

_log = structlog.get_logger(__name__)


class _Stop:
    """What a request to stop does: end the server, or break its start off for as long as there is none."""

    def __init__(self) -> None:
        self.asked = False
        self.server: Server | None = None
        self.starting: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    def ask(self) -> None:
        again, self.asked = self.asked, True
        if self.server is not None:
            self.server.end()
        elif self.starting is not None and not again:
            self._loop.call_soon_threadsafe(self.starting.cancel)


def serve(settings: Settings, *, announce: Callable[[str], None], origins: Mapping[str, str] | None = None) -> None:
    """Until SIGTERM or SIGINT. ``announce`` gets the address once it can be opened, and the way to the first account
    where there is none. ``origins``: of the settings. Raises CannotStartError."""
    log.configure(settings.log_level)
    check_tls(settings)
    with ExitStack() as held:
        held.enter_context(own_folder(settings.data))
        sockets = held.enter_context(listening(settings))
        metrics = held.enter_context(bound_for_metrics(settings.metrics_port)) if settings.metrics_port else None
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(_Start(settings, origins or {}, sockets, metrics, announce)))


@dataclass(frozen=True, slots=True)
class _Start:
    """What a start is given."""

    settings: Settings
    origins: Mapping[str, str]
    sockets: list[socket.socket]
    metrics: socket.socket | None
    announce: Callable[[str], None]


async def _serve(start: _Start) -> None:
    stop = _Stop()
    with on_request(stop.ask):
        stop.starting = asyncio.create_task(_run(start, stop))
        try:
            await stop.starting
        except (asyncio.CancelledError, CannotStartError):
            if not stop.asked:
                raise
            _log.info("stopped_before_ready")


async def _run(start: _Start, stop: _Stop) -> None:
    settings, sockets = start.settings, start.sockets
    largest = max(settings.limit_signal_bytes, settings.limit_event_bytes)
    serving = Serving(sockets, largest, settings.tls_cert, settings.tls_key)
    try:
        async with build.running(settings, start.metrics, start.origins) as running:
            pages = running.installation.pages
            if not pages.built:
                _log.warning("client_not_built")

            setup = await offer_setup(running.installation.people)

            def ready() -> None:
                # Everything that is there now stays to the end. Looked through for garbage, it would stop the loop for
                # 50 ms and more each time.
                gc.collect()
                gc.freeze()
                start.announce(settings.site.geturl())
                if setup is not None:
                    # To the terminal, and past the log: whoever reads this line may administer.
                    start.announce(f"First account (once, within an hour): {settings.site.geturl()}/setup#{setup}")
                _log.info("ready")

            stop.server = Server(running.installation.app, serving, ready=ready, before_end=running.say_goodbye)
            running.on_lost = stop.server.end
            await stop.server.serve(sockets)
            _log.info("stopping")
            if running.lost is not None:
                raise running.lost
    except build.EngineNotStartedError as error:
        raise CannotStartError(error.sentence) from error
    except StorageUnavailable as error:
        raise CannotStartError(f"The database (DATABASE_URL, else in DATA) cannot be used: {error}.") from error


def migrate(settings: Settings) -> None:
    """Raises CannotStartError."""
    log.configure(settings.log_level)
    with own_folder(settings.data):
        try:
            build.migrate(settings)
        except StorageUnavailable as error:
            raise CannotStartError(f"The database (DATABASE_URL, else in DATA) cannot be used: {error}.") from error
