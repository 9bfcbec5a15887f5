"""Who may import whom: the layers of ARCHITECTURE.md."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.repo import tree

# Layer -> the other layers of ours that it may know. build.py is not here: it knows everyone.
MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "log": {"domain"},
    "settings": {"domain", "contradictions", "spellings"},
    "settings_page": {"settings"},
    "spellings": {"contradictions"},
    "contradictions": {"settings"},
    "loopback": set(),
    "store": {"domain"},
    "media": {"domain"},
    "identity": {"domain"},
    "actions": {"domain"},
    "api": {"actions", "domain"},
    "jobs": {"actions", "domain", "ending"},
    "backup": {"domain", "store", "settings", "machine"},
    "machine": {"settings"},
    "compliance": {"backup", "domain", "store", "settings", "machine"},
    "account_key": {"domain", "identity", "machine", "settings", "store"},
    "control": {"jobs", "log"},
    "inside": {"api", "domain", "media", "settings"},
    "proving": {"check_lock", "domain", "ending"},
    "ending": set(),
    "stopping": set(),
    "doctor": {"settings", "machine"},
    "run": {"actions", "api", "domain", "settings", "log", "build", "machine", "stopping"},
    "terminal": {"settings"},
    "cli_user": {"actions", "domain", "settings", "log", "build", "machine", "terminal"},
    "check_lock": set(),
    "cli_check": {
        "build",
        "check_lock",
        "compliance",
        "domain",
        "machine",
        "settings",
        "stopping",
        "terminal",
    },
    "cli_facts": {"build", "compliance", "domain", "machine", "settings", "terminal"},
    "cli_proof": {"compliance", "terminal"},
    "cli": {
        "actions",
        "backup",
        "domain",
        "settings",
        "log",
        "build",
        "run",
        "settings_page",
        "stopping",
        "terminal",
        "cli_check",
        "cli_facts",
        "cli_proof",
        "cli_user",
    },
    "__main__": {"cli"},
}
ANYBODY = {"version"}


def imports(source: str) -> Iterator[str]:
    """Full dotted names of everything a Python source imports, within functions and type-checking blocks too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(name: str) -> str:
    """``klausur/store/unit.py`` -> ``store``; ``klausur/settings.py`` -> ``settings``."""
    return name.split("/")[1].removesuffix(".py")


def modules() -> list[tuple[str, str]]:
    return [(name, text) for name, text in tree.texts("klausur", ".py") if name != "klausur/__init__.py"]


@pytest.mark.parametrize(("name", "text"), modules(), ids=lambda value: value if value.endswith(".py") else "")
def test_every_module_knows_only_the_layers_it_may(name: str, text: str) -> None:
    own = layer(name)
    if own == "build":
        return
    assert own in MAY_IMPORT, f"{name} is in no layer of ARCHITECTURE.md"
    for imported in imports(text):
        package, _, rest = imported.partition(".")
        if package == "klausur":
            other = rest.split(".")[0]
            assert other in MAY_IMPORT[own] | ANYBODY | {own, "__version__"}, f"{name} imports {imported}"


def test_the_domain_uses_nothing_but_the_standard_library() -> None:
    for name, text in tree.texts("klausur/domain", ".py"):
        for imported in imports(text):
            package = imported.split(".")[0]
            assert package == "klausur" or package in sys.stdlib_module_names, f"{name} imports {imported}"


def test_the_domain_has_no_clock_and_no_chance() -> None:
    """Time and randomness are values handed in, so that every rule can be tested without waiting or guessing."""
    forbidden = {"time", "random", "secrets", "asyncio", "socket", "os", "pathlib"}
    calls = {"now", "utcnow", "today", "uuid4"}
    for name, text in tree.texts("klausur/domain", ".py"):
        assert not forbidden & {imported.split(".")[0] for imported in imports(text)}, name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in calls, f"{name}:{node.lineno} asks for {node.func.attr}()"


# Of the proof: what a verdict follows from. The rest of klausur/compliance looks, reads, keeps and writes.
PURE = {"engine", "evidence", "fact_list", "facts", "grades", "model", "verdicts", "vocabulary", "words"}


def test_a_verdict_follows_from_values_alone() -> None:
    """The engine and all that it knows: the standard library without the world in it, and each other."""
    world = {"time", "random", "secrets", "asyncio", "socket", "os", "pathlib", "subprocess", "logging", "io"}
    calls = {"now", "utcnow", "today", "uuid4", "open"}
    for module in sorted(PURE):
        name = f"klausur/compliance/{module}.py"
        text = (tree.ROOT / name).read_text(encoding="utf-8")
        for imported in imports(text):
            package, *rest = imported.split(".")
            ours = package == "klausur" and rest[0] == "compliance" and rest[1] in PURE
            assert ours or package in sys.stdlib_module_names - world, f"{name} imports {imported}"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                assert called not in calls, f"{name}:{node.lineno} asks for {called}()"


def test_the_running_server_does_without_the_proof() -> None:
    """A run is a process of its own: what it needs would cost the server memory for all its life."""
    code = "import sys, klausur.cli, klausur.run, klausur.build; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tree.ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "klausur.run" in loaded
    assert not [name for name in loaded if name.startswith("klausur.compliance") or name in {"yaml", "jsonschema"}]


def test_one_module_reads_the_catalogue() -> None:
    """Others ask it; only the command that writes the digest beside the chapters knows the folder, too."""
    may_know = {
        "klausur.compliance.catalogue.FOLDER": {"klausur/compliance/digest.py"},
        "klausur.compliance.marked_yaml.parse": {"klausur/compliance/catalogue.py", "klausur/compliance/inventory.py"},
    }
    for name, text in modules():
        for imported in imports(text):
            assert name in may_know.get(imported, {name}), f"{name} imports {imported}"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):
                leads = isinstance(node.op, ast.Div) and str(node.right.value).split("/")[0] == "catalogue"
                assert not leads or name == "klausur/compliance/catalogue.py", f"{name}:{node.lineno}"


@pytest.mark.parametrize(
    ("packages", "only"),
    [
        ({"livekit"}, "klausur/media/livekit.py klausur/compliance/signalling.py"),
        ({"pydantic_settings"}, "klausur/settings.py"),
        ({"webauthn"}, "klausur/identity/passkeys.py"),
        ({"pyrage"}, "klausur/backup/sealing.py"),
        ({"psycopg", "greenlet"}, "klausur/store/postgres.py klausur/store/lines.py"),
        ({"yaml"}, "klausur/compliance/marked_yaml.py"),
        ({"jsonschema"}, "klausur/compliance/catalogue.py"),
    ],
)
def test_an_outside_system_has_one_importer(packages: set[str], only: str) -> None:
    """Of the media engine the server has one, and what looks at the server from the outside another."""
    importers = {name for name, text in modules() if packages & {imported.split(".")[0] for imported in imports(text)}}
    assert importers <= set(only.split())


def test_only_settings_reads_the_environment() -> None:
    for name, text in modules():
        if name in {"klausur/settings.py", "klausur/build.py"}:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
                assert node.attr not in {"environ", "getenv", "environb"}, f"{name}:{node.lineno}"


SPECIFIER = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]""")


def web_imports() -> Iterator[tuple[str, str]]:
    for name, text in tree.texts("web", ".ts", ".svelte"):
        for found in SPECIFIER.finditer(text):
            yield name, found[1]


def test_the_pattern_finds_every_kind_of_import() -> None:
    source = "import { a } from 'one'\nexport * from \"two\"\nimport 'three'\nconst f = () => import('four')"
    assert SPECIFIER.findall(source) == ["one", "two", "three", "four"]


def test_only_the_engine_adapter_imports_the_media_sdk() -> None:
    importers = {(name, specifier) for name, specifier in web_imports() if specifier.split("/")[0] == "livekit-client"}
    assert importers <= {
        ("web/src/call/engine.ts", "livekit-client"),
        # The worker is a program of its own: ours, wrapped around theirs.
        ("web/src/call/e2ee.worker.ts", "livekit-client/e2ee-worker"),
        ("web/src/call/hardening.test.ts", "livekit-client/e2ee-worker"),
    }


TYPES_ONLY = re.compile(r"""import type [^;]*?from '[^']+'""")


def test_call_logic_knows_no_page_and_no_framework() -> None:
    """But for the contract that pages/backstage.ts is: types only."""
    for name, text in tree.texts("web/src/call", ".ts"):
        for specifier in SPECIFIER.findall(TYPES_ONLY.sub("", text)):
            assert not specifier.startswith("svelte"), f"{name} imports {specifier}"
            assert not re.search(r"/(pages|ui)/", specifier), f"{name} imports {specifier}"


def test_call_logic_touches_the_page_in_one_place() -> None:
    # The host's rules have a `document:` of their own.
    touch = re.compile(r"(?<![\w.'])(document|window)\b(?![':])|\bquerySelector\b|\bcreateElement\b")
    for name, text in tree.texts("web/src/call", ".ts"):
        if name.endswith((".test.ts", "/page-life.ts")):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            code = re.sub(r"/\*.*?\*/|//.*|'[^']*'", "", line)
            if not line.lstrip().startswith(("*", "/*")):
                assert not touch.search(code), f"{name}:{number}: {line.strip()}"
