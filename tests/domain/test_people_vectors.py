"""The keys of a password and a vault, for the client to compare itself with."""

from __future__ import annotations

from tests.vectors import make_people


def test_the_file_is_what_the_script_writes() -> None:
    assert make_people.FILE.read_text(encoding="utf-8") == make_people.text()
