"""The server's words for what is signed, compared with vectors that the client is compared with too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from klausur.actions.signatures import is_signed
from klausur.domain.admission import Certificate, Place, Rules
from tests.vectors import make

VECTORS: dict[str, Any] = json.loads(make.FILE.read_text(encoding="utf-8"))
PLACE = Place(VECTORS["meeting"], VECTORS["session"], VECTORS["pseudonym"], VECTORS["seat"]["public"])


def test_the_file_is_what_the_script_writes() -> None:
    assert make.FILE.read_text(encoding="utf-8") == make.text()


def test_possession_is_signed_in_the_same_words() -> None:
    possession = VECTORS["possession"]
    assert PLACE.possession() == possession["text"]
    assert is_signed(PLACE.key, PLACE.possession(), possession["signature"])


@pytest.mark.parametrize("told", VECTORS["certificates"])
def test_a_certificate_is_signed_in_the_same_words(told: dict[str, Any]) -> None:
    certificate = Certificate.read(told["certificate"])
    assert certificate.statement(PLACE) == told["text"]
    signer = VECTORS["host"]["public"] if certificate.issuer == "host" else certificate.issuer
    assert is_signed(signer, certificate.statement(PLACE), certificate.signature)


def test_rules_are_signed_in_the_same_words_and_read_alike() -> None:
    told = VECTORS["rules"]
    rules = Rules.read(told["version"], told["document"], told["signature"])
    assert rules.statement(VECTORS["meeting"]) == told["text"]
    assert is_signed(VECTORS["host"]["public"], told["text"], rules.signature)
    assert rules.cohosts == (VECTORS["cohost"]["public"],)
    assert not rules.everyone_shares
