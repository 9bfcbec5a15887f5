"""Hosts and guests of klausur/compliance/meetings.py, measured, each in a network of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from klausur.compliance.meetings import Guest, Host, Meeting, open_meeting, sealed

__all__ = ["Guest", "Host", "Meeting", "Times", "client", "open_meeting", "sealed"]


def client(url: str, address: str | None = None) -> httpx.AsyncClient:
    """``address`` of loopback from which it comes: each is a network of its own to the limits."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    transport = httpx.AsyncHTTPTransport(local_address=address, limits=limits)
    return httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60, transport=transport, trust_env=False)


@dataclass
class Times:
    """Milliseconds by step."""

    of: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def measured(self, step: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.of.setdefault(step, []).append((time.perf_counter() - begun) * 1000)
