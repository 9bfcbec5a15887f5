"""What Ada administers is written down; what is measured names nobody."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from klausur.actions.expect_rooms import expect_rooms
from klausur.api.metrics import Counts, MetricsDoor
from klausur.compliance.evidence import Status
from klausur.compliance.probes import audit_trail, metrics_canary
from klausur.domain.accounts import AuditAct
from klausur.loopback import LoopbackListener
from klausur.store.accounts import AuditRows
from tests.compliance.probes.running import Installed, installed


async def test_each_act_of_the_administration_leaves_one_entry(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "9 acts of the administration left exactly one entry each" in await its.is_green(audit_trail.PROBE)


async def test_an_act_without_an_entry_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = AuditRows.note

    async def forgetful(rows: AuditRows, act: AuditAct, *given: Any, **more: Any) -> None:
        if act is not AuditAct.ROLE_CHANGED:
            await really(rows, act, *given, **more)

    monkeypatch.setattr(AuditRows, "note", forgetful)
    async with installed(tmp_path) as its:
        assert "account:role_changed: 0 entries" in await its.is_red(audit_trail.PROBE)


async def test_an_entry_about_somebody_else_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = AuditRows.note

    async def wrong(rows: AuditRows, act: AuditAct, at: Any, **more: Any) -> None:
        await really(rows, act, at, **more | ({"object_": "A" * 22} if act is AuditAct.MEETING_ENDED else {}))

    monkeypatch.setattr(AuditRows, "note", wrong)
    async with installed(tmp_path) as its:
        assert "meeting:ended: another entry" in await its.is_red(audit_trail.PROBE)


async def test_without_a_database_the_trail_cannot_be_read(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        its.target = replace(its.target, inside=None)
        assert (await its.look(audit_trail.PROBE)).status is Status.BLOCKED


def test_a_place_for_content_is_noticed() -> None:
    entry = {"act": "account:erased", "object": True, "timed": True}
    act = {"act": "account:erased", "status": 204, "entries": [entry]}
    judged = audit_trail.judge({"acts": [act], "columns": ["act", "title"]}, {})
    assert (judged.status, "title" in judged.says.en) == (Status.FAIL, True)


def test_who_may_administer_nothing_sees_nothing_of_the_trail() -> None:
    act = {"act": "account:erased", "status": 403, "entries": []}
    assert audit_trail.judge({"acts": [act], "columns": []}, {}).status is Status.NOTHING_SEEN


# -- measurements


@asynccontextmanager
async def measured(folder: Path) -> AsyncIterator[Installed]:
    """With measurements, as the running server has them."""
    listening = socket.create_server(("127.0.0.1", 0))
    async with installed(folder, metrics_port=listening.getsockname()[1]) as its:
        built = its.house.built

        async def count() -> Counts:
            openings = len(await expect_rooms(built.world))
            return Counts(openings, built.hub.open_sockets, 0, engine_healthy=True)

        listener = LoopbackListener(MetricsDoor(count), listening)
        await listener.start()
        try:
            yield its
        finally:
            await listener.stop()


async def test_measurements_count_and_name_nobody(tmp_path: Path) -> None:
    async with measured(tmp_path) as its:
        assert "counted a meeting that went on, and named nobody" in await its.is_green(metrics_canary.PROBE)


async def test_as_shipped_there_are_none(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "gives out no measurements" in await its.is_green(metrics_canary.PROBE)


async def test_counting_by_person_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = MetricsDoor.__init__

    def by_person(door: MetricsDoor, count: Any) -> None:
        really(door, count)
        from prometheus_client import Gauge

        Gauge("klausur_speaking", "Who speaks.", ["who"], registry=door._registry).labels("Gustav").set(1)

    monkeypatch.setattr(MetricsDoor, "__init__", by_person)
    async with measured(tmp_path) as its:
        assert "label who of klausur_speaking" in await its.is_red(metrics_canary.PROBE)


async def test_a_port_at_which_nobody_answers_is_not_looked_at(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        async with installed(tmp_path, metrics_port=silent.getsockname()[1]) as its:
            assert (await its.look(metrics_canary.PROBE)).status is Status.BLOCKED


def test_measurements_that_do_not_count_are_no_evidence() -> None:
    sample = {"name": "klausur_sockets", "labels": {"kind": "events"}, "value": "0.0"}
    seen = {"samples": [sample], "found": [], "public": [404, "text/html"], "port": True, "held": 3}
    assert metrics_canary.judge(seen, {}).status is Status.NOTHING_SEEN
