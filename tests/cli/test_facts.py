"""``klausur facts``: Ada says at the machine what only people know."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from klausur.cli import main

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    monkeypatch.setenv("KLAUSUR_DATA", str(tmp_path))

    def run(*arguments: str, answers: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(answers))
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return run


@pytest.fixture
def installed(command: Command) -> Command:
    assert command("migrate")[0] == 0
    return command


def value(command: Command, key: str) -> object:
    _, out, _ = command("facts", key, "--json")
    (told,) = json.loads(out)["facts"]
    return told["value"]


def test_before_there_is_a_database_it_says_what_to_do(command: Command) -> None:
    code, _, err = command("facts")
    assert code == 1
    assert "klausur migrate" in err


def test_a_fact_is_declared_shown_and_withdrawn(installed: Command) -> None:
    code, out, _ = installed("facts", "minors", "ja")
    assert (code, out.split()[:2]) == (0, ["minors", "yes"])
    assert value(installed, "minors") is True
    assert installed("facts", "controller_address", "Beispielweg 1\n12345 Musterstadt")[0] == 0
    assert value(installed, "controller_address") == "Beispielweg 1\n12345 Musterstadt"
    assert installed("facts", "minors", "--withdraw")[0] == 0
    assert value(installed, "minors") is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["minors", "perhaps"], "yes or no"),
        (["operating_model", "somehow"], "one of"),
        (["guests_allowed", "no"], "settings"),
        (["weather", "yes"], "no such fact"),
        (["weather"], "no fact"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(installed: Command, arguments: list[str], says: str) -> None:
    code, out, err = installed("facts", *arguments)
    assert (code, out) == (1, "")
    assert says in err.lower()


def test_all_are_shown_with_where_they_are_from(installed: Command) -> None:
    code, out, _ = installed("facts")
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert code == 0
    assert "set" in lines["guests_allowed"].split()
    assert lines["minors"].split()[1:3] == ["-", "-"]


def test_what_is_open_is_asked_for_and_a_wrong_answer_asked_again(installed: Command) -> None:
    code, out, err = installed("facts", "--ask", answers="nonsense\nself\n\n\n\nno\n")
    assert code == 1, "the answers ended before the questions did"
    assert "How is the video conferencing system run?" in out
    assert "self, external, online" in err
    # Whatever was answered is kept.
    assert (value(installed, "operating_model"), value(installed, "body_type")) == ("self", None)
    assert value(installed, "processors_used") is False


@pytest.mark.parametrize("arguments", [["--withdraw"], ["minors", "yes", "--withdraw"], ["minors", "--ask"]])
def test_options_that_do_not_go_together_are_a_mistake_of_usage(installed: Command, arguments: list[str]) -> None:
    assert installed("facts", *arguments)[0] == 4
