"""Settings: where they come from, and what stops the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from klausur.settings import Settings, SettingsError, for_children, plain, read, show
from klausur.settings_page import reference

ROOT = Path(__file__).resolve().parents[2]
PROXIED = {"KLAUSUR_PUBLIC_URL": "https://meet.example.org", "KLAUSUR_TRUSTED_PROXIES": "10.0.0.0/8"}


def settings(environment: dict[str, str], **options: Any) -> Settings:
    return read(options, environment).settings


def refused(environment: dict[str, str], **options: Any) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read(options, environment)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return caught.value


def test_the_reference_is_what_the_declarations_say() -> None:
    assert (ROOT / "docs/settings.md").read_text() == reference(), "run klausur settings --markdown > docs/settings.md"


def test_command_line_before_environment_before_file_before_default(tmp_path: Path) -> None:
    (tmp_path / "klausur.toml").write_text('port = 8001\nlanguage = "de"\nmax_participants = 5\n')
    environment = {"KLAUSUR_DATA": str(tmp_path), "KLAUSUR_PORT": "8002", "KLAUSUR_LANGUAGE": "en"}
    loaded = read({"port": 8003, "host": None}, environment)
    its = loaded.settings
    assert (its.port, its.language, its.max_participants, its.media_udp_port) == (8003, "en", 5, 7882)
    origins = [loaded.origins[name] for name in ("port", "language", "max_participants", "media_udp_port")]
    assert origins == ["command line", "KLAUSUR_LANGUAGE", "klausur.toml", "default"]


@pytest.mark.parametrize("environment", [{}, {"KLAUSUR_DATA": "kept"}])
def test_a_command_that_the_server_starts_reads_what_the_server_has(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Otherwise it would take the server for one with other settings."""
    monkeypatch.chdir(tmp_path)
    loaded = read({"port": 8123}, environment)
    started = read({}, for_children(loaded.settings, loaded.origins))
    assert plain(started.settings) == plain(loaded.settings)


@pytest.mark.parametrize(
    ("environment", "name", "word"),
    [
        ({"KLAUSUR_PROT": "1"}, "KLAUSUR_PROT", "did you mean KLAUSUR_PORT"),
        ({"KLAUSUR_port": "1"}, "KLAUSUR_port", "is not a setting"),
        ({"KLAUSUR_PORT": "eighty"}, "PORT", "a port number from 1 to 65535, not 'eighty'"),
        ({"KLAUSUR_PORT": "0"}, "PORT", "from 1 to 65535"),
        ({"KLAUSUR_PORT": "70000"}, "PORT", "from 1 to 65535"),
        ({"KLAUSUR_PORT_FILE": "/x"}, "KLAUSUR_PORT_FILE", "only secrets are read from files"),
        ({"KLAUSUR_LANGUAGE": "fr"}, "LANGUAGE", "de or en"),
        ({"KLAUSUR_HOST": "203.0.113.5"}, "HOST", "set PUBLIC_URL"),
        ({"KLAUSUR_HOST": "example.org"}, "HOST", "must be an IP address"),
        ({"KLAUSUR_PUBLIC_URL": "meet.example.org"}, "PUBLIC_URL", "such as https://meet.example.org"),
        ({"KLAUSUR_PUBLIC_URL": "https://meet.example.org/sub"}, "PUBLIC_URL", "scheme, name and perhaps port"),
        ({"KLAUSUR_PUBLIC_URL": "https://a:b@meet.example.org"}, "PUBLIC_URL", "scheme, name"),
        ({"KLAUSUR_PUBLIC_URL": "http://meet.example.org"}, "PUBLIC_URL", "please write https://"),
        ({"KLAUSUR_PUBLIC_URL": "https://meet.example.org"}, "TLS_CERT", "TRUSTED_PROXIES"),
        ({"KLAUSUR_TLS_CERT": "/x"}, "TLS_KEY", "belong together"),
        ({"KLAUSUR_TLS_CERT": "/x", "KLAUSUR_TLS_KEY": "/y"}, "TLS_CERT", "is not there or may not be read"),
        ({"KLAUSUR_TRUSTED_PROXIES": "proxy"}, "TRUSTED_PROXIES", "addresses or networks"),
        ({"KLAUSUR_TRUSTED_PROXIES": "10.0.0.1/8"}, "TRUSTED_PROXIES", "addresses or networks"),
        ({"KLAUSUR_MEDIA_ADDRESS": "here"}, "MEDIA_ADDRESS", "IP address"),
        ({"KLAUSUR_ENGINE": "http://10.0.0.7:7880"}, "ENGINE_KEY", "is missing"),
        ({"KLAUSUR_ENGINE_KEY": "key"}, "ENGINE_KEY", "only for outside nodes"),
        ({"KLAUSUR_DATABASE_URL": "mysql://u:secret@h/d"}, "DATABASE_URL", "sqlite:/// or postgresql://"),
        ({"KLAUSUR_DATABASE_URL": "postgresql://u:secret@h:port/d"}, "DATABASE_URL", "sqlite:/// or postgresql://"),
        ({"KLAUSUR_BACKUP_PASSPHRASE": "secret@h"}, "BACKUP_PASSPHRASE", "at least 12 characters"),
        ({"KLAUSUR_OPEN_MEETINGS": "friends"}, "OPEN_MEETINGS", "accounts, anyone or nobody"),
        ({"KLAUSUR_LIMIT_EVENT_BYTES": "2097153"}, "LIMIT_EVENT_BYTES", "from 16384 to 2097152"),
        ({"KLAUSUR_LIMIT_BODY": "1"}, "LIMIT_BODY", "from 16384 up"),
        ({"KLAUSUR_ENGINE_SECRET_FILE": "/nowhere"}, "KLAUSUR_ENGINE_SECRET_FILE", "cannot be read: /nowhere"),
    ],
)
def test_what_stops_the_start_says_its_name_and_what_to_do(environment: dict[str, str], name: str, word: str) -> None:
    error = refused(environment)
    assert error.name == name
    assert word in str(error)
    assert "secret@h" not in str(error)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("prot = 1", "did you mean port?"),
        ('data = "/x"', "set KLAUSUR_DATA"),
        ("port = ", "is not TOML"),
        ("port = true\n[table]\n", "no such setting as table"),
    ],
)
def test_a_file_that_is_wrong_stops_the_start_too(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "klausur.toml").write_text(text)
    assert word in str(refused({}, data=tmp_path))


def test_secrets_come_from_files_and_are_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s" * 40 + "\n")
    environment = {
        "KLAUSUR_ENGINE": "http://10.0.0.7:7880,https://node.example.org",
        "KLAUSUR_ENGINE_KEY": "canary-key",
        "KLAUSUR_ENGINE_SECRET_FILE": str(tmp_path / "secret"),
    }
    loaded = read({}, environment)
    assert loaded.settings.engine_secret == "s" * 40
    shown = {one.name: one for one in show(loaded)}
    assert shown["ENGINE_SECRET"].value == shown["ENGINE_KEY"].value == "(secret)"
    assert shown["ENGINE_SECRET"].origin == "KLAUSUR_ENGINE_SECRET_FILE"
    assert shown["ENGINE"].value == "http://10.0.0.7:7880, https://node.example.org"
    both = environment | {"KLAUSUR_ENGINE_SECRET": "t" * 40}
    assert "please keep one" in str(refused(both))


def test_without_a_public_name_only_this_machine_is_served() -> None:
    its = settings({"KLAUSUR_PORT": "9000"})
    assert its.listen == ("127.0.0.1", "::1")
    assert its.origins == {"http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000"}
    assert (its.local, its.secure) == (True, False)


def test_with_a_public_name_only_that_is_served() -> None:
    its = settings(PROXIED)
    assert its.listen == ("0.0.0.0", "::")  # noqa: S104 - what is expected
    assert its.origins == {"https://meet.example.org"}
    assert (its.local, its.secure) == (False, True)
    assert settings(PROXIED | {"KLAUSUR_PUBLIC_URL": "https://MEET.example.org:443/"}).origins == its.origins


def test_an_empty_variable_is_none_at_all() -> None:
    assert settings({"KLAUSUR_PUBLIC_URL": "", "KLAUSUR_PORT": ""}).port == 8000
