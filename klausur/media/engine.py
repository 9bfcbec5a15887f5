"""The media engine as a child process, supervised by its health, or as nodes that somebody else runs.

LiveKit's exit status says nothing (it is 0 after fatal errors), so every exit not asked for is a failure, and a child
that runs but does not answer is one too. See ``child.py`` for how it is started and why it cannot outlive us.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from klausur.media import preflight
from klausur.media.child import Child
from klausur.media.nodes import ApiKey, EngineNotStartedError, answers
from klausur.media.preflight import EngineSettings

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds."""

    ready_within: float = 10.0
    ready_poll: float = 0.02
    probe_every: float = 1.0
    probe_timeout: float = 2.0
    probes_missed: int = 3
    """So many in a row mean that it hangs."""
    first_pause: float = 0.5
    longest_pause: float = 15.0
    steady_after: float = 30.0
    """Having run so long, the next failure counts as the first again, and the first is answered at once."""
    leave_within: float = 0.2
    """After the first SIGTERM, at which it waits for the last participant to leave."""
    force_within: float = 2.0
    """After the second, at which it closes everything."""


def new_key() -> ApiKey:
    return ApiKey(f"klausur{secrets.token_hex(4)}", secrets.token_urlsafe(48))


class EmbeddedEngine:
    """media.nodes.Engine as a child of this process."""

    def __init__(
        self,
        settings: EngineSettings,
        *,
        webhook_url: Callable[[], str | None] = lambda: None,
        pace: Pace | None = None,
    ) -> None:
        self._settings = settings
        self._webhook_url = webhook_url
        self._pace = pace or Pace()
        self._key = new_key()
        self._well = asyncio.Event()
        self._child: Child | None = None
        self._url = ""
        self._supervisor: asyncio.Task[None] | None = None
        # A thread of its own: a probe must not queue behind calls that wait for the engine that it probes.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine-health")
        self.restarts = 0

    @property
    def key(self) -> ApiKey:
        return self._key

    @property
    def urls(self) -> Sequence[str]:
        return (self._url,) if self._url else ()

    @property
    def healthy(self) -> bool:
        return self._well.is_set()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None else None

    async def wait_healthy(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._well.wait()
        return self.healthy

    async def start(self) -> None:
        """Returns when it answers. Raises EngineNotStartedError; after the first success failures are only logged."""
        await preflight.check(self._settings)
        await self._launch()
        self._supervisor = asyncio.create_task(self._supervise(), name="engine-supervisor")

    async def stop(self) -> None:
        """Within some 3 s, whoever is connected: LiveKit itself would wait for them for ever."""
        self._well.clear()
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        if self._child is not None:
            await self._leave(self._child)
            self._child = None
        self._url = ""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _leave(self, child: Child) -> None:
        child.signal("TERM")
        if not await child.wait_gone(self._pace.leave_within):
            child.signal("TERM")
            await child.wait_gone(self._pace.force_within)
        await child.kill()

    async def _launch(self) -> None:
        port = preflight.free_loopback_port()
        config = preflight.configuration(self._settings, self._key, port, self._webhook_url())
        child = self._child = await Child.start(self._settings.executable, config)
        url = f"http://127.0.0.1:{port}"
        if not await self._ready(child, url):
            await child.kill()
            raise preflight.explain(self._settings, child.last_words)
        self._url = url
        self._well.set()
        _log.info("engine_ready")

    async def _ready(self, child: Child, url: str) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.ready_within):
                while not child.gone:
                    if await self._answers(url):
                        return True
                    await child.wait_gone(self._pace.ready_poll)
        return False

    async def _answers(self, url: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, answers, url, self._pace.probe_timeout)

    async def _supervise(self) -> None:
        failures = 0
        while True:
            if self._child is not None and self._well.is_set():
                began = time.monotonic()
                why = await self._watch(self._child)
                failures = 0 if time.monotonic() - began >= self._pace.steady_after else failures
                _log.error("engine_failed", reason=why)
            self._well.clear()
            if self._child is not None:
                await self._child.kill()
                self._child = None
            await asyncio.sleep(self._pause(failures))
            failures += 1
            await self._relaunch()

    async def _relaunch(self) -> None:
        self.restarts += 1
        try:
            await preflight.check(self._settings)
            await self._launch()
        except (EngineNotStartedError, OSError) as error:
            sentence = error.sentence if isinstance(error, EngineNotStartedError) else "The system would not start it."
            _log.error("engine_not_started", reason=sentence)

    def _pause(self, failures: int) -> float:
        """The first failure is answered at once, further ones after ever longer pauses."""
        if failures == 0:
            return 0.0
        return min(self._pace.first_pause * 2.0 ** min(failures - 1, 16), self._pace.longest_pause)

    async def _watch(self, child: Child) -> str:
        """Returns when the child has failed: ``exited``, ``unleashed`` or ``hung``."""
        missed = 0
        while missed < self._pace.probes_missed:
            if await child.wait_gone(self._pace.probe_every):
                return "exited"
            if child.unleashed:
                return "unleashed"
            missed = 0 if await self._answers(self._url) else missed + 1
        return "hung"


class OutsideEngine:
    """Nodes that somebody else runs. With a Redis in common any of them leads to the node that has the room."""

    def __init__(self, urls: Sequence[str], key: ApiKey, *, pace: Pace | None = None) -> None:
        self._all = tuple(url.rstrip("/") for url in urls)
        self._key = key
        self._pace = pace or Pace()
        self._answering: tuple[str, ...] = ()
        self._turn = 0
        self._well = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self._threads = ThreadPoolExecutor(max_workers=max(1, len(self._all)), thread_name_prefix="engine-health")

    @property
    def key(self) -> ApiKey:
        return self._key

    @property
    def urls(self) -> Sequence[str]:
        """Those that answer, each time beginning with another one."""
        if not self._answering:
            return ()
        self._turn = (self._turn + 1) % len(self._answering)
        return self._answering[self._turn :] + self._answering[: self._turn]

    @property
    def healthy(self) -> bool:
        return self._well.is_set()

    async def wait_healthy(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._well.wait()
        return self.healthy

    async def start(self) -> None:
        """Never refuses: nodes that are away now may come."""
        await self._look()
        self._watcher = asyncio.create_task(self._watch(), name="engine-watcher")

    async def stop(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        self._well.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._pace.probe_every)
            await self._look()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        probes = [loop.run_in_executor(self._threads, answers, url, self._pace.probe_timeout) for url in self._all]
        well = await asyncio.gather(*probes)
        self._answering = tuple(url for url, is_well in zip(self._all, well, strict=True) if is_well)
        if self._answering:
            self._well.set()
        else:
            self._well.clear()
