"""The commands as a shell sees them: status, standard output, standard error."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from klausur import run
from klausur.cli import main
from klausur.settings import read

STAND_IN = "#!/bin/sh\necho livekit-server version 1.13.5\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def status(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ENGINE_BINARY", "DATA", "PORT", "MEDIA_UDP_PORT"):
        monkeypatch.delenv(f"KLAUSUR_{name}", raising=False)
    monkeypatch.setenv("KLAUSUR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KLAUSUR_PORT", str(free_port()))
    monkeypatch.setenv("KLAUSUR_MEDIA_UDP_PORT", str(free_port()))


@pytest.mark.parametrize(
    "arguments", [["serve", "--bogus"], ["nonsense"], [], ["serve", "--port", "x"], ["doctor", "x"]]
)
def test_usage_errors_end_with_4(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    code, _, err = status(capsys, *arguments)
    assert (code, bool(err)) == (4, True)


def test_help_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(capsys, "--help")[0] == 0


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = status(capsys, "version", "--json")
    assert (code, list(json.loads(out))) == (0, ["version"])


def test_settings_are_shown_with_their_origin(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = status(capsys, "settings", "--json")
    assert (code, json.loads(out)["PORT"]["origin"]) == (0, "KLAUSUR_PORT")
    assert "(default)" in status(capsys, "settings")[1]


def test_a_malformed_setting_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLAUSUR_PORT", "eighty")
    code, out, err = status(capsys, "serve")
    assert (code, out) == (1, "")
    assert err == "PORT (KLAUSUR_PORT) must be a port number from 1 to 65535, not 'eighty'.\n"


def test_migrate_makes_the_database(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert status(capsys, "migrate") == (0, "The database is up to date.\n", "")
    assert (tmp_path / "data/klausur.db").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_the_doctor_says_what_is_wrong_and_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in = tmp_path / "livekit-server"
    stand_in.write_text(STAND_IN)
    monkeypatch.setenv("KLAUSUR_ENGINE_BINARY", str(stand_in))
    code, out, _ = status(capsys, "doctor", "--json")
    wrong = {each["check"]: each["says"] for each in json.loads(out) if not each["ok"]}
    assert (code, list(wrong)) == (1, ["engine"])
    assert "ENGINE_BINARY" in wrong["engine"]
    stand_in.chmod(0o755)
    code, out, _ = status(capsys, "doctor")
    assert code == 0, out
    assert "WRONG" not in out


def cannot_serve(**options: object) -> str:
    with pytest.raises(run.CannotStartError) as caught:
        run.serve(read(options).settings, announce=lambda _: None)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_taken_port_is_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        assert "set PORT to a free port" in cannot_serve(port=other.getsockname()[1])


def test_an_address_of_another_machine_is_a_sentence() -> None:
    public = {"public_url": "https://meet.example.org", "trusted_proxies": "10.0.0.1"}
    assert "set HOST to one that is" in cannot_serve(host="203.0.113.1", **public)


def test_a_data_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "set DATA to another" in cannot_serve(data=tmp_path / "file" / "data")


def test_a_data_folder_in_use_is_a_sentence(tmp_path: Path) -> None:
    with run.own_folder(tmp_path):
        assert "Another klausur is running" in cannot_serve(data=tmp_path)


def test_a_certificate_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    for name in ("cert", "key"):
        (tmp_path / name).write_text("not PEM")
    assert "TLS_CERT and TLS_KEY" in cannot_serve(tls_cert=tmp_path / "cert", tls_key=tmp_path / "key")


def test_a_missing_engine_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLAUSUR_ENGINE_BINARY", str(tmp_path / "missing"))
    assert "ENGINE_BINARY" in cannot_serve()


def test_a_server_does_not_load_what_draws_on_consoles() -> None:
    code = """
import sys
from klausur.cli import _without
with _without("rich"):
    import klausur.run
print([name for name in ("rich", "pygments", "prometheus_client", "alembic") if name in sys.modules])
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_version_loads_no_web_server() -> None:
    code = """
import sys
from klausur.cli import main
try:
    main(["version"])
except SystemExit:
    print([each for each in ("fastapi", "uvicorn", "sqlalchemy") if each in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
