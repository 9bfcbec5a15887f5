"""The operator names an identity provider, or something that is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from klausur.settings import SettingsError, read
from tests.house import house

CLIENT = {"KLAUSUR_OIDC_CLIENT_ID": "klausur", "KLAUSUR_OIDC_CLIENT_SECRET": "secret"}


def read_with(**environment: str) -> Any:
    return read({}, {f"KLAUSUR_{name.upper()}": value for name, value in environment.items()}).settings


@pytest.mark.parametrize(
    "issuer",
    ["https://id.example.org/realms/x", "https://id.example.org/", "http://localhost:8080", "http://127.0.0.1:8080"],
)
def test_an_issuer_is_left_as_it_is_written(issuer: str) -> None:
    assert read({}, CLIENT | {"KLAUSUR_OIDC_ISSUER": issuer}).settings.oidc_issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "http://id.example.org",
        "http://127.0.0.1.example.org",
        "id.example.org",
        "https://",
        "https://id.example.org/?tenant=x",
        "https://id.example.org/#x",
        "https://user@id.example.org",
        "https://id.example.org:0",
        "https://id.example.org:port",
    ],
)
def test_what_is_none_stops_the_start(issuer: str) -> None:
    with pytest.raises(SettingsError, match=r"OIDC_ISSUER .* must be an address that begins with https://"):
        read({}, CLIENT | {"KLAUSUR_OIDC_ISSUER": issuer})


@pytest.mark.parametrize("missing", ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
def test_a_provider_needs_a_client(missing: str) -> None:
    given = CLIENT | {"KLAUSUR_OIDC_ISSUER": "https://id.example.org"}
    del given[f"KLAUSUR_{missing}"]
    with pytest.raises(SettingsError, match=f"{missing} is missing"):
        read({}, given)


@pytest.mark.parametrize("alone", ["oidc_client_id", "oidc_client_secret"])
def test_a_client_needs_a_provider(alone: str) -> None:
    with pytest.raises(SettingsError, match=f"{alone.upper()} is only for an identity provider"):
        read_with(**{alone: "x"})


def test_by_default_nobody_gets_an_account_and_no_word_is_taken_for_a_second_factor() -> None:
    settings = read({}, CLIENT | {"KLAUSUR_OIDC_ISSUER": "https://id.example.org"}).settings
    assert (settings.oidc_new_accounts, settings.oidc_second_factor) == (False, ())
    assert settings.oidc_name_claim == "preferred_username"


async def test_the_button_has_a_name_in_any_case(tmp_path: Path) -> None:
    chosen: dict[str, Any] = {
        "oidc_issuer": "https://id.example.org/x",
        "oidc_client_id": "a",
        "oidc_client_secret": "b",
    }
    async with house(tmp_path, **chosen) as built:
        assert (await built.browser.get("/api/operator")).json()["signin"]["provider"] == "id.example.org"
