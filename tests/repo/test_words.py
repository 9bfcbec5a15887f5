"""What is named twice must be named alike: settings, problem codes, the engine's version, both languages, the log."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from klausur import log, settings, settings_page
from klausur.api import static
from klausur.domain import errors
from tests.repo import tree


def read(name: str) -> str:
    return (tree.ROOT / name).read_text(encoding="utf-8")


def test_the_reference_of_settings_is_what_the_declarations_say() -> None:
    assert read("docs/settings.md") == settings_page.reference(), "run script/generate"


@pytest.mark.parametrize("name", settings.Settings.model_fields)
def test_a_setting_says_what_it_is_for(name: str) -> None:
    assert len(settings.Settings.model_fields[name].description or "") > 10


def test_documents_name_only_settings_that_exist() -> None:
    known = {f"KLAUSUR_{name.upper()}" for name in settings.Settings.model_fields}
    for name, text in tree.texts(".", ".md"):
        for found in re.findall(r"\bKLAUSUR_[A-Z_]+[A-Z]", text):
            assert found.removesuffix("_FILE") in known, f"{name} names {found}"


def family(kind: type[errors.KlausurError]) -> Iterator[type[errors.KlausurError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def test_the_client_knows_every_problem() -> None:
    client = set(re.findall(r"^  '([a-z_]+)',$", read("web/src/api/problems.ts"), re.MULTILINE))
    assert client == {kind.code for kind in family(errors.KlausurError)}


def test_the_pinned_engine_is_the_one_that_is_named() -> None:
    found = re.search(r"github\.com/livekit/livekit-server v(\S+)", read("engine/go.mod"))
    assert found
    assert f"github.com/livekit/livekit-server v{found[1]} h1:" in read("engine/go.sum")
    version = re.compile(r"LiveKit v?(\d+\.\d+\.\d+)")
    for name, text in tree.texts():
        for named in version.findall(text):
            assert named == found[1], f"{name} names LiveKit {named}"


LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    for name, text in tree.texts("klausur", ".py"):
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LOG_METHODS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id.strip("_") in {"log", "logger"}
            ):
                yield f"{name}:{node.lineno}", node


def test_a_log_line_is_a_fixed_event_with_keys_of_the_list() -> None:
    """What varies goes into keys, and a key that could hold an address, a name or a ticket is not on the list."""
    assert list(log_calls())
    for place, call in log_calls():
        assert len(call.args) == 1, place
        event = call.args[0]
        assert isinstance(event, ast.Constant), place
        assert isinstance(event.value, str), place
        assert re.fullmatch(r"[a-z_]+", event.value), place
        for keyword in call.keywords:
            assert keyword.arg in log.ALLOWED | {"exc_info"}, f"{place}: {keyword.arg}"


def test_no_key_of_the_log_names_somebody() -> None:
    personal = {
        "address",
        "ip",
        "host",
        "name",
        "title",
        "user_agent",
        "ticket",
        "token",
        "secret",
        "mail",
        "url",
        "query",
    }
    assert not personal & log.ALLOWED


def test_nothing_is_printed_past_the_log() -> None:
    for name, text in tree.texts("klausur", ".py"):
        if name == "klausur/cli.py" or name.startswith("klausur/cli/"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", f"{name}:{node.lineno}"


def test_both_languages_say_the_same_things() -> None:
    """The type of the English words, widened, is the German ones' type: TypeScript compares them key by key."""
    for path in tree.files("web/src/i18n", "de.ts"):
        english = path.with_name(path.name.replace("de.ts", "en.ts"))
        declared = re.search(r"export const de: (\w+) =", path.read_text(encoding="utf-8"))
        assert declared, f"{path.name} declares no type"
        assert re.search(rf"export type {declared[1]}\b.*typeof en\b", english.read_text(encoding="utf-8")), path.name


def test_the_server_has_every_page_of_the_client() -> None:
    """Otherwise the page is there and its status says that it is not."""
    listed = re.search(r"PEOPLE_PAGES = \[(.*?)\]", read("web/src/pages/routes.ts"))
    assert listed is not None
    pages = re.findall(r"'(\w+)'", listed[1])
    assert "proof" in pages
    assert [page for page in pages if not static.PAGES.fullmatch(f"/{page}")] == []
