"""Locked dependencies: exact, hashed, from nowhere in particular, and agreeing with each other."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Any

import pytest

from tests.repo.test_imports import imports
from tests.repo.tree import ROOT, texts

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))


def entries(name: str) -> dict[str, str]:
    """Requirement (with its marker) -> its hashes, as one text."""
    found: dict[str, str] = {}
    requirement = ""
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = line.rstrip(" \\")
            found[requirement] = ""
        elif "--hash=" in line:
            found[requirement] += line.strip(" \\") + "\n"
    return found


def pins(name: str) -> dict[str, str]:
    return dict(requirement.split(" ; ")[0].split("==", 1) for requirement in entries(name))


@pytest.mark.parametrize("name", LOCKS)
def test_every_python_package_is_exact_and_hashed(name: str) -> None:
    assert entries(name)
    for requirement, hashes in entries(name).items():
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==[^ ]+( ; .+)?$", requirement), requirement
        assert "--hash=sha256:" in hashes, requirement


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-build.lock"])
def test_the_development_lock_contains_the_others(name: str) -> None:
    """script/server is content with an environment that script/test has made."""
    assert pins(name).items() <= pins("requirements-dev.lock").items()


def declared() -> tuple[set[str], set[str]]:
    """What the product always needs, and what its extras add."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    always, added = (
        {re.split(r"[\[ ;<>=]", dependency)[0] for dependency in dependencies}
        for dependencies in (project["dependencies"], extras)
    )
    return always, added


def test_every_declared_dependency_is_locked() -> None:
    """What an extra adds is there for the tests."""
    always, added = declared()
    for names, lock in ((always, "requirements.lock"), (added, "requirements-dev.lock")):
        for name in names:
            assert name in pins(lock), f"{name} is in no lock: run script/lock"


def package_lock() -> dict[str, Any]:
    lock: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    return lock


def test_every_node_package_is_exact_and_hashed() -> None:
    packages = package_lock()["packages"]
    for name, entry in packages.items():
        if name:
            assert entry["integrity"].startswith("sha512-"), name
            assert "resolved" not in entry, name
    declared = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    for name, version in {**declared["dependencies"], **declared["devDependencies"]}.items():
        assert packages[f"node_modules/{name}"]["version"] == version, name


def test_the_node_lock_is_whole() -> None:
    """npm leaves optional packages out that it could not reach while locking, and later refuses such a lock."""
    packages = package_lock()["packages"]
    names = {name.rpartition("node_modules/")[2] for name in packages}
    for name, entry in packages.items():
        missing = set(entry.get("optionalDependencies", {})) - names
        assert not missing, f"{name or 'package.json'} lacks {missing}"


def test_no_node_package_runs_code_while_being_installed() -> None:
    for name, entry in package_lock()["packages"].items():
        assert not entry.get("hasInstallScript"), name


# Brought in by name rather than by an import: the parser of HTTP, and what SQLAlchemy awaits PostgreSQL's driver with.
USED_UNSEEN = {"greenlet", "httptools"}


def test_what_the_product_imports_is_what_it_declares() -> None:
    """Nothing that only happens to be there because something else needs it, and nothing that nobody needs."""
    always, added = declared()
    owners = packages_distributions()
    imported = {name.split(".")[0] for _, text in texts("klausur", ".py") for name in imports(text)}
    used: set[str] = set()
    for package in imported - set(sys.stdlib_module_names) - {"klausur"}:
        names = {owner.lower().replace("_", "-") for owner in owners.get(package, [package])} & (always | added)
        assert names, f"{package} is imported but not declared"
        used |= names
    assert used | USED_UNSEEN == always | added
