"""The ledger of an installation by its settings: who is asked for time stamps, and what is handed out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from klausur.compliance.confirming import confirm, hand_out
from klausur.compliance.findings import Kind
from klausur.compliance.inspection import Inspected, Known, inspect
from klausur.compliance.keeping import KEY_FILE, Ledger, Record
from klausur.domain.proof_ports import EntryType
from klausur.machine import CannotStartError
from klausur.settings import Settings, SettingsError, read
from klausur.store.migrate import migrate
from klausur.store.opening import open_database
from klausur.store.unit import Database
from tests.compliance import tsa
from tests.house import ManualClock

CLOCK = ManualClock()


def settings_of(folder: Path, **chosen: Any) -> Settings:
    return read({"data": folder, **chosen}, {}).settings


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    url = settings_of(tmp_path).database
    await asyncio.to_thread(migrate, url)
    opened = open_database(url)
    await Ledger(opened, CLOCK).append(Record(EntryType.EVIDENCE, "tls.versions", b"{}"))
    yield opened
    await opened.close()


async def package(settings: Settings, store: Database) -> Inspected:
    file = settings.data / "package.zip"
    await hand_out(settings, store, CLOCK, file, release="0.1.0", catalogue={}, more={"exports/a.csv": b""})
    return inspect(file, Known())


async def test_nobody_is_asked_unless_the_operator_says_so(store: Database, tmp_path: Path) -> None:
    its = await package(settings_of(tmp_path), store)
    assert (its.intact, list(its.judgement.findings), list(its.stamps)) == (True, [], [])
    assert its.judgement.checkpoints == 1


async def test_the_authority_that_was_named_is_asked(store: Database, tmp_path: Path) -> None:
    authority = tsa.authority(tmp_path / "tsa")
    asked: list[bytes] = []

    def answer(query: bytes) -> bytes:
        asked.append(query)
        return authority.answer(query)

    with tsa.served(answer) as url:
        its = await package(settings_of(tmp_path, tsa_url=url, tsa_certificate=authority.root), store)
    assert (its.intact, len(its.stamps), len(asked)) == (True, 1, 1)
    assert len(asked[0]) < 100  # a hash, a number, nothing else


async def test_stamps_of_a_time_when_there_was_an_authority_are_noted_when_there_is_none(
    store: Database, tmp_path: Path
) -> None:
    authority = tsa.authority(tmp_path / "tsa")
    with tsa.served(authority.answer) as url:
        await confirm(settings_of(tmp_path, tsa_url=url, tsa_certificate=authority.root), store, CLOCK)
    its = await package(settings_of(tmp_path), store)
    assert (its.intact, [finding.kind for finding in its.judgement.findings]) == (True, [Kind.UNTIMED])


async def test_certificates_that_cannot_be_read_stop_no_checkpoint(store: Database, tmp_path: Path) -> None:
    none = tmp_path / "none.pem"
    none.write_text("not yet")
    its = await package(settings_of(tmp_path, tsa_url="http://127.0.0.1:1/", tsa_certificate=none), store)
    assert (its.intact, [finding.kind for finding in its.judgement.findings]) == (True, [Kind.UNTIMED])


async def test_a_key_that_was_lost_is_not_replaced_by_nothing(store: Database, tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("")
    with pytest.raises(CannotStartError):
        await package(settings_of(tmp_path), store)
    assert not (tmp_path / "package.zip").exists()


@pytest.mark.parametrize(
    "chosen",
    [
        {"tsa_url": "http://tsa.example.org/"},
        {"tsa_url": "ftp://tsa.example.org/", "tsa_certificate": __file__},
        {"tsa_url": "http://ada:secret@tsa.example.org/", "tsa_certificate": __file__},
        {"tsa_url": "http://tsa.example.org:0/", "tsa_certificate": __file__},
        {"tsa_certificate": "/missing.pem"},
    ],
)
def test_settings_that_make_no_sense_stop_the_start(tmp_path: Path, chosen: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="TSA_"):
        settings_of(tmp_path, **chosen)


def test_settings_that_make_sense_do_not(tmp_path: Path) -> None:
    its = settings_of(tmp_path, tsa_url="http://tsa.example.org:318/tsr?policy=1", tsa_certificate=__file__)
    assert its.tsa_url == "http://tsa.example.org:318/tsr?policy=1"
