"""``/metrics`` for Prometheus, on a loopback port of its own: how much goes on, never who or which meeting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, ProcessCollector, generate_latest

from klausur.api.asgi import Receive, Scope, Send, answer


@dataclass(frozen=True, slots=True)
class Counts:
    openings: int
    events_sockets: int
    signalling_sockets: int
    engine_healthy: bool


class MetricsDoor:
    """ASGI application. ``count`` is asked at each request. The only label says which kind of socket."""

    def __init__(self, count: Callable[[], Awaitable[Counts]]) -> None:
        self._count = count
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._openings = Gauge(
            "klausur_openings", "Openings that have begun and are not over.", registry=self._registry
        )
        self._sockets = Gauge("klausur_sockets", "Open sockets.", ["kind"], registry=self._registry)
        self._engine = Gauge("klausur_engine_healthy", "1 while the media engine answers.", registry=self._registry)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["path"] != "/metrics" or scope["method"] not in ("GET", "HEAD"):
            await answer(scope, send, 404, [(b"content-type", b"text/plain")], b"")
            return
        counts = await self._count()
        self._openings.set(counts.openings)
        self._sockets.labels("events").set(counts.events_sockets)
        self._sockets.labels("signalling").set(counts.signalling_sockets)
        self._engine.set(counts.engine_healthy)
        kind = [(b"content-type", CONTENT_TYPE_LATEST.encode())]
        await answer(scope, send, 200, kind, generate_latest(self._registry))
