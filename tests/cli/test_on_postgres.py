"""Settings, doctor, migrate and serve where the database is PostgreSQL: reasons in a sentence, never the password."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_commands import STAND_IN, free_port, status
from tests.postgres import Cluster

pytestmark = pytest.mark.postgres
WRONG = "wrong-password"


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.write_text(STAND_IN)
    engine.chmod(0o700)
    told = {"DATA": tmp_path / "data", "PORT": free_port(), "MEDIA_UDP_PORT": free_port(), "ENGINE_BINARY": engine}
    for name, value in told.items():
        monkeypatch.setenv(f"KLAUSUR_{name}", str(value))


@pytest.fixture
def address(postgres: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """By a file, as containers have their secrets."""
    made = postgres.create()
    (tmp_path / "secret").write_text(made + "\n")
    monkeypatch.setenv("KLAUSUR_DATABASE_URL_FILE", str(tmp_path / "secret"))
    yield made
    postgres.drop(made)


def database(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    _, out, err = status(capsys, "doctor", "--json")
    assert err == ""
    (found,) = [each for each in json.loads(out) if each["check"] == "database"]
    return dict(found)


def test_the_password_is_never_shown(
    capsys: pytest.CaptureFixture[str],
    postgres: Cluster,
    address: str,  # noqa: ARG001
) -> None:
    for options in ([], ["--json"]):
        code, out, err = status(capsys, "settings", *options)
        assert code == 0
        assert "DATABASE_URL_FILE" in out
        assert postgres.password not in out + err


def test_the_doctor_finds_it_well_before_and_after_its_first_migration(
    capsys: pytest.CaptureFixture[str],
    address: str,  # noqa: ARG001
) -> None:
    assert database(capsys)["ok"]
    code, out, _ = status(capsys, "migrate")
    assert (code, "up to date" in out) == (0, True)
    assert database(capsys)["ok"]


@pytest.mark.parametrize(("kind", "reason"), [("password", "password authentication failed"), ("port", "refused")])
def test_what_keeps_us_from_it_is_told_alike_everywhere(
    capsys: pytest.CaptureFixture[str],
    postgres: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    reason: str,
) -> None:
    good = postgres.address("postgres", password=WRONG)
    monkeypatch.setenv(
        "KLAUSUR_DATABASE_URL", good if kind == "password" else good.replace(f":{postgres.port}/", ":1/")
    )
    found = database(capsys)
    assert not found["ok"]
    said = [str(found["says"])]
    for command in ("migrate", "serve"):
        code, out, err = status(capsys, command)
        assert (code, out) == (1, "")
        told = [line for line in err.splitlines() if not line.startswith("{")]
        assert len(told) == 1
        said += told
        assert WRONG not in err
    for sentence in said:
        assert reason in sentence
        assert "DATABASE_URL" in sentence
        assert WRONG not in sentence
