"""Ada watches the machine, and learns of nobody."""

from __future__ import annotations

import re

import httpx
import pytest

from klausur.api.metrics import Counts, MetricsDoor


async def counted() -> Counts:
    return Counts(openings=2, events_sockets=5, signalling_sockets=4, engine_healthy=True)


@pytest.fixture
async def ada() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=MetricsDoor(counted)), base_url="http://127.0.0.1")


async def test_they_say_how_much_goes_on(ada: httpx.AsyncClient) -> None:
    told = (await ada.get("/metrics")).text
    assert "klausur_openings 2.0" in told
    assert 'klausur_sockets{kind="events"} 5.0' in told
    assert 'klausur_sockets{kind="signalling"} 4.0' in told
    assert "klausur_engine_healthy 1.0" in told


async def test_no_label_could_name_anybody(ada: httpx.AsyncClient) -> None:
    labels = set(re.findall(r"\{(.*)\}", (await ada.get("/metrics")).text))
    assert labels == {'kind="events"', 'kind="signalling"'}


async def test_there_is_nothing_else(ada: httpx.AsyncClient) -> None:
    assert (await ada.get("/")).status_code == 404
    assert (await ada.post("/metrics")).status_code == 404
