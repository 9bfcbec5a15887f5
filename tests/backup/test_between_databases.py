"""A backup of one kind of database goes into the other, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from klausur.settings import Settings, read
from klausur.store import copying
from tests.backup.organisation import back_up, held, opened, organisation, put_back
from tests.postgres import Cluster

pytestmark = pytest.mark.postgres
Place = Callable[[str], Settings]


@pytest.fixture
def on_postgres(postgres: Cluster, tmp_path: Path) -> Iterator[Place]:
    made: list[str] = []

    def place(name: str) -> Settings:
        made.append(postgres.create())
        return read({"data": tmp_path / name, "database_url": made[-1]}, {}).settings

    yield place
    for address in made:
        postgres.drop(address)


def on_sqlite(folder: Path) -> Settings:
    return read({"data": folder}, {}).settings


def the_same(one: Settings, other: Settings) -> None:
    before, after = held(one), held(other)
    for name in copying.KEPT:
        if name == "audit":  # numbered anew
            for row in (*before[name], *after[name]):
                del row["id"]
        assert after[name] == before[name], name


def test_from_sqlite_to_postgresql_and_back_nothing_changes(on_postgres: Place, tmp_path: Path) -> None:
    first = organisation(on_sqlite(tmp_path / "first"))
    second, third = on_postgres("second"), on_sqlite(tmp_path / "third")
    out = back_up(first, tmp_path / "out.age")
    put_back(second, out)
    home = back_up(second, tmp_path / "home.age")
    put_back(third, home)
    assert opened(home).rows == opened(out).rows
    the_same(second, third)


def test_what_is_replaced_in_postgresql_is_kept_in_a_schema(on_postgres: Place, tmp_path: Path) -> None:
    its = organisation(on_postgres("ada"))
    made = back_up(its, tmp_path / "klausur.age")
    done = put_back(its, made, replace=True)
    (kept,) = [note for note in done.notes if "schema" in note]
    assert "before_restore_20261122t090000" in kept
    the_same(its, its)
    again = put_back(organisation_again(its), made, replace=True, now=opened(made).made_at.replace(hour=10))
    assert any("t100000" in note for note in again.notes)


def organisation_again(its: Settings) -> Settings:
    assert held(its)["accounts"]
    return its
