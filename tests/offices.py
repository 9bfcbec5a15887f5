"""In the place of the processes that write the proof: what they were asked, and answers of their shape."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from klausur.domain.errors import CheckRunning, KlausurError, NotThere
from klausur.domain.proof_ports import EXPORTS, Handed
from tests.house import House

ID = "A" * 22
ATTESTATION = {
    "id": ID,
    "objective": "DSK-L-1-01.a",
    "answer": True,
    "statement": "",
    "person": "Ada",
    "role": "dpo",
    "at": "2026-11-22T09:00:00+00:00",
    "until": "2027-11-22T09:00:00+00:00",
    "files": [],
}
WAIVER = {
    "id": ID,
    "target": "DSK-L-1-01",
    "reason": "Later",
    "risk": "Small",
    "compensation": "Care",
    "first": "Ada",
    "second": None,
    "at": "2026-11-22T09:00:00+00:00",
    "until": "2027-11-22T09:00:00+00:00",
}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "fact": {"key": "minors", "value": False},
    "attest": ATTESTATION,
    "ask_for_waiver": WAIVER,
    "approve_waiver": {**WAIVER, "second": "Hanna"},
}


@dataclass
class FakeOffice:
    running: bool = False
    acts: list[Mapping[str, Any]] = field(default_factory=list)
    exported: list[str] = field(default_factory=list)
    instead: KlausurError | Mapping[str, Any] | None = None
    """What comes of the next act."""

    def begin_check(self) -> None:
        if self.running:
            raise CheckRunning
        self.running = True

    async def do(self, act: Mapping[str, Any]) -> Mapping[str, Any]:
        self.acts.append(act)
        if isinstance(self.instead, KlausurError):
            raise self.instead
        return ANSWERS.get(act["act"]["kind"], {}) if self.instead is None else self.instead

    async def export(self, name: str) -> Handed:
        if name not in EXPORTS:
            raise NotThere
        self.exported.append(name)
        return Handed(io.BytesIO(b"exported"), 8)


async def staffed(its: House, *, pages: bool = True) -> FakeOffice:
    """With a fake office; ``pages``: that somebody has put together."""
    parts, office = its.built.api.state.parts, FakeOffice()
    its.built.api.state.parts = replace(parts, office=office)
    if pages:
        await put_pages(its)
    return office


async def put_pages(its: House) -> None:
    """As somebody may have put them together."""
    pages = {
        "summary": '{"state":"ready","running":false}',
        "report": '{"state":"ready","running":false,"chapters":[]}',
        "facts": '{"facts":[]}',
    }
    async with its.built.database.writing() as unit:
        for key, body in pages.items():
            await unit.proof.put_page(key, its.clock.now(), body)
