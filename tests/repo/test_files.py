"""What no file of ours may contain, and what each must."""

from __future__ import annotations

import re

import pytest

from tests.repo import tree

LONGEST = 600


def test_no_file_is_too_long_to_be_read_in_one_go() -> None:
    long = {
        name: lines
        for name, text in tree.texts(".", ".py", ".ts", ".mjs", ".js", ".svelte", ".css", ".md", ".toml", ".json")
        if (lines := text.count("\n")) > LONGEST and not name.endswith(".gen.ts")
    }
    assert not long


# In pieces, so that this file passes its own test.
UNFINISHED = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "NotImplemented" + "Error")) + r")\b"
)
ONLY_SOME = re.compile(r"\b(it|test|describe)\.(only|skip|todo|fails)\b|pytest\.mark\.(skip|xfail)\b")


def test_nothing_is_marked_as_unfinished() -> None:
    marks = [f"{name}: {found[0]}" for name, text in tree.texts() for found in UNFINISHED.finditer(text)]
    assert not marks


def test_no_test_is_left_out() -> None:
    for name, text in tree.texts(".", ".test.ts", ".py"):
        if name != "tests/repo/test_files.py":
            assert not ONLY_SOME.findall(text), name


def test_no_test_waits_for_time_to_pass() -> None:
    """A test that sleeps is either slow or wrong; time is a value or an event is awaited."""
    nap = re.compile(r"(?<!def )\b(?:asyncio|time|anyio)\.sleep\((?!0\))")
    for name, text in tree.texts("tests", ".py"):
        assert not nap.findall(text), name


REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("proxy", "golang"),
        ("sum", "golang"),
        ("static", "crates"),
        ("deb", "debian"),
        ("archive", "ubuntu"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("cdnjs", "cloudflare"),
        ("fonts", "googleapis"),
    )
)


def test_no_file_names_the_host_of_a_package_registry() -> None:
    """Where packages come from is for each user's own settings to say; lock files hold hashes instead."""
    for path in tree.files():
        text = path.read_bytes().decode("utf-8", "replace")
        for host in REGISTRIES:
            assert host not in text, f"{tree.relative(path)} names {host}"


# What may stand in the client's sources: names of XML vocabularies, placeholders, and this machine.
HARMLESS = re.compile(
    r"https?://(www\.w3\.org/(2000/svg|1999/xhtml|1998/Math/MathML)|host/|localhost\b|127\.0\.0\.1\b|…|\$\{)"
)
ORIGIN = re.compile(r"\b(?:https?|wss?)://[^\s'\"`)]*")


def test_the_client_names_no_other_origin() -> None:
    for name, text in tree.texts("web", ".ts", ".svelte", ".html", ".css", ".webmanifest", ".svg"):
        if name.endswith(".test.ts"):
            continue
        # A comment may credit a source; whole lines of it are enough to leave out.
        code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("*", "/*", "//", "<!--")))
        for found in ORIGIN.finditer(code):
            assert HARMLESS.match(found[0]), f"{name} names {found[0]}"


def test_the_client_has_no_inline_script_and_no_style_attribute() -> None:
    """The content security policy forbids both; a browser would refuse them silently."""
    for name, text in tree.texts("web", ".html", ".svelte"):
        assert not re.search(r"<[^>]+\sstyle=", text), f"{name} has a style attribute"
        assert "{@html" not in text, f"{name} writes markup"
    for name, text in tree.texts("web", ".html"):
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), f"{name} has an inline script"
        assert "<style" not in text, f"{name} has inline styles"


LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("name", [name for name, _ in tree.texts(".", ".md")])
def test_links_in_documents_lead_somewhere(name: str) -> None:
    folder = (tree.ROOT / name).parent
    for found in LINK.finditer((tree.ROOT / name).read_text(encoding="utf-8")):
        target = found[1] or found[2]
        if target.startswith("docs/images/") and not (tree.ROOT / "docs/images").exists():
            continue
        if not re.match(r"[a-z]+:", target):
            assert (folder / target).exists(), f"{name} links to {target}"


def test_scripts_can_be_run_and_say_so() -> None:
    for path in tree.files("script"):
        if path.name == "lib" or path.suffix:
            continue
        assert path.stat().st_mode & 0o111, f"{path.name} is not executable"
        assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env "), path.name


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/protocol.md"])
def test_documents_name_only_files_that_exist(name: str) -> None:
    ours = [f"/{tree.relative(path)}" for path in tree.files()]
    for named in re.findall(r"`([\w./-]+\.(?:py|ts|json|toml|lock))`", (tree.ROOT / name).read_text(encoding="utf-8")):
        assert any(path.endswith(f"/{named}") for path in ours), f"{name} names {named}"
    for named in re.findall(r"`(script/\w+)", (tree.ROOT / name).read_text(encoding="utf-8")):
        assert (tree.ROOT / named).exists(), f"{name} names {named}"
