"""The bill of materials: whole, and valid by the schema of CycloneDX 1.6."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from klausur.compliance.exports import locks, sbom
from klausur.compliance.exports.material import Locks
from klausur.compliance.exports.parts import COMPILED_IN, Part, Unreadable, parts
from tests.compliance.exports.exported import material, release

ROOT = Path(__file__).parents[3]
H1 = "h1:" + "A" * 43 + "="
SMALL: Mapping[str, str] = {
    "requirements.lock": "rich==15.0.0 \\\n    --hash=sha256:" + "a" * 64 + " \\\n    --hash=sha256:" + "b" * 64 + "\n"
    "psycopg[binary]==3.3.0 ; sys_platform != 'win32' \\\n    --hash=sha256:" + "c" * 64 + "\n",
    "package-lock.json": json.dumps(
        {
            "packages": {
                "": {"name": "klausur"},
                "node_modules/@a/b": {"version": "1.0.0", "integrity": "sha512-" + "A" * 86 + "==", "license": "MIT"},
                "node_modules/tool": {"version": "2.0.0", "integrity": "sha512-" + "A" * 86 + "==", "dev": True},
            }
        }
    ),
    "engine/go.mod": "module our.own/engine\n\ngo 1.26.0\n\nrequire (\n\texample.org/m/v2 v2.0.1 // indirect\n)\n",
    "engine/go.sum": f"example.org/m/v2 v2.0.1 {H1}\nexample.org/m/v2 v2.0.1/go.mod {H1}\n",
}


def small(**instead: str) -> Locks:
    files = {**SMALL, **{name.replace("__", "/").replace("_", "."): text for name, text in instead.items()}}
    return Locks({name: text.encode() for name, text in files.items()}, {"rich": "MIT"})


def bill(found: Locks) -> Any:
    text = sbom.make(material(locks=found)).decode("utf-8")
    validator = make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    return json.loads(text)


def test_the_release_s_own_bill_is_valid_and_whole() -> None:
    components = bill(release())["components"]
    purls = {one["purl"] for one in components}
    python = re.findall(r"^([a-z0-9.-]+)(?:\[.*?\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    modules = re.findall(r"^\t(\S+) (v\S+)", (ROOT / "engine/go.mod").read_text(), re.MULTILINE)
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    node = {place for place, said in packages.items() if place and not said.get("dev")}
    of = {kind: {one for one in purls if one.startswith(f"pkg:{kind}/")} for kind in ("pypi", "npm", "golang")}
    assert len(of["pypi"]) == len(python) > 40
    assert len(of["golang"]) == len(modules) > 100
    assert len(of["npm"]) == len(node) + len(COMPILED_IN) > 20
    assert any(one.startswith("pkg:golang/github.com/livekit/livekit-server@v") for one in purls)
    assert any(one.startswith("pkg:npm/svelte@") for one in purls)


def test_every_part_has_an_address_and_a_digest() -> None:
    for one in bill(release())["components"]:
        assert PackageURL.from_string(one["purl"]).version == one["version"]
        assert one["hashes"], one["purl"]


def test_of_what_is_installed_the_licence_is_known() -> None:
    licences = locks.licences()
    assert licences["cyclonedx-python-lib"] == "Apache-2.0"
    assert licences["sqlalchemy"] == "MIT"
    found = {one["purl"].split("@")[0]: one.get("licenses") for one in bill(release())["components"]}
    assert found["pkg:pypi/xlsxwriter"] == [{"license": {"id": "BSD-2-Clause"}}]
    assert all(licence for purl, licence in found.items() if purl.startswith("pkg:npm/"))


def test_each_kind_of_part_is_read() -> None:
    assert parts(small()) == [
        Part("golang", "example.org/m/v2", "v2.0.1", (("SHA-256", "00" * 32),)),
        Part("npm", "@a/b", "1.0.0", (("SHA-512", "00" * 64),), "MIT"),
        Part("pypi", "psycopg", "3.3.0", (("SHA-256", "c" * 64),), "", "sys_platform != 'win32'"),
        Part("pypi", "rich", "15.0.0", (("SHA-256", "a" * 64), ("SHA-256", "b" * 64)), "MIT"),
    ]


def test_the_bill_says_what_its_digests_are_of() -> None:
    found = {one["purl"]: one for one in bill(small())["components"]}
    assert set(found) == {
        "pkg:golang/example.org/m/v2@v2.0.1",
        "pkg:npm/%40a/b@1.0.0",
        "pkg:pypi/psycopg@3.3.0",
        "pkg:pypi/rich@15.0.0",
    }
    assert len(found["pkg:pypi/rich@15.0.0"]["hashes"]) == 2
    assert found["pkg:pypi/psycopg@3.3.0"]["scope"] == "optional"
    assert "h1 of go.sum" in found["pkg:golang/example.org/m/v2@v2.0.1"]["properties"][0]["value"]


def test_the_bill_is_of_this_release() -> None:
    found = bill(small())
    assert found["specVersion"] == "1.6"
    assert found["metadata"]["component"]["version"] == "0.1.0"
    (root,) = [one for one in found["dependencies"] if one["ref"] == "klausur@0.1.0"]
    assert len(root["dependsOn"]) == 4


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("requirements_lock", "rich>=15\n", "requirements.lock:1: neither a part nor a hash"),
        ("requirements_lock", "rich==15.0.0\n", "requirements.lock: rich has no hash"),
        ("requirements_lock", "    --hash=sha256:" + "a" * 64, "requirements.lock:1: a hash of nothing"),
        ("engine__go_mod", "require example.org/m/v2 v2.0.2\n", "engine/go.mod:1: example.org/m/v2 v2.0.2 has no sum"),
        ("engine__go_mod", "replace a => b\n", "engine/go.mod:1: not a module"),
        ("engine__go_sum", "example.org/m/v2\n", "engine/go.sum:1: not a sum"),
        ("engine__go_sum", "example.org/m/v2 v2.0.1 h1:AAAA\n", "engine/go.sum:1: not SHA-256"),
    ],
)
def test_a_line_that_nobody_understands_is_never_passed_over(name: str, text: str, complaint: str) -> None:
    with pytest.raises(Unreadable, match=f"^{re.escape(complaint)}"):
        parts(small(**{name: text}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"packages": []}', '{"packages": {"node_modules/a": {}}}'])
def test_an_npm_lock_that_is_none_is_refused(text: str) -> None:
    found = small()
    with pytest.raises(Unreadable, match=r"^package-lock\.json"):
        parts(replace(found, files={**found.files, "package-lock.json": text.encode()}))


@pytest.mark.parametrize("name", list(SMALL))
def test_no_bill_is_written_of_half_a_release(name: str) -> None:
    found = small()
    with pytest.raises(Unreadable, match=f"^{re.escape(name)} is missing"):
        sbom.make(material(locks=Locks({key: value for key, value in found.files.items() if key != name})))


@given(st.binary(max_size=200), st.sampled_from(list(SMALL)))
def test_whatever_a_lock_holds_it_is_read_or_refused(content: bytes, name: str) -> None:
    found = small()
    try:
        read = parts(replace(found, files={**found.files, name: content}))
    except Unreadable:
        return
    assert all(part.hashes for part in read)


@pytest.mark.parametrize("licence", ["MIT", "Apache-2.0 OR BSD-2-Clause", "PSFL", "see the file", "(odd"])
def test_a_licence_is_named_as_it_is_known(licence: str) -> None:
    found = bill(replace(small(), licences={"rich": licence}))
    (rich,) = [one for one in found["components"] if one["name"] == "rich"]
    assert licence in json.dumps(rich["licenses"])


def test_a_built_release_reads_what_was_built_into_it(tmp_path: Path) -> None:
    for name, text in SMALL.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert parts(locks.read(tmp_path / "nowhere", tmp_path))[0].name == "example.org/m/v2"


def test_an_installation_that_does_not_know_its_parts_says_so(tmp_path: Path) -> None:
    with pytest.raises(locks.NoLocks, match=r"requirements\.lock cannot be read"):
        locks.read(tmp_path, tmp_path)
