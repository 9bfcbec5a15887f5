"""The list of components is whole, and is the one of what runs: every part with its version and its checksum."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from klausur.compliance.exports import locks
from klausur.compliance.exports.parts import Part, Unreadable, parts
from klausur.compliance.grades import Grade
from klausur.compliance.probes import components
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target, resettled
from klausur.compliance.words import Text

_ENGINE: Final = "github.com/livekit/livekit-server"
_LICENCES: Final = "/licences.txt"
_LEFT_OUT: Final = "uvicorn"
_ENTRY: Final = re.compile(rf"^{_LEFT_OUT}==.*\n(?:[ \t].*\n)*", re.MULTILINE)
_NO_ENVIRONMENT: Final = Text(
    de="Klausur ist hier nicht als Paket installiert.", en="Klausur is not installed as a package here."
)


async def collect(target: Target) -> Evidence:
    there = components.installed()
    if "klausur" not in there:
        raise CannotLook(_NO_ENVIRONMENT)
    needed = components.required()
    folder = components.lock_folder(target.release)
    served = await target.get(_LICENCES)
    program = components.engine_program(target.settings)
    return target.evidence(
        listed=_listed(folder),
        installed={name: there[name] for name in sorted(there)},
        needed=needed,
        tools=sorted(components.tools(folder)),
        altered=await asyncio.to_thread(_altered, needed),
        bundled=[list(one) for one in components.bundled(served.text)] if served.status_code == 200 else [],
        engine=None if program is None else {"version": await components.engine_version(program)},
    )


def _listed(folder: Path) -> dict[str, Any]:
    try:
        found = parts(locks.read(folder, folder))
    except (locks.NoLocks, Unreadable) as error:
        return {"unreadable": str(error), "parts": []}
    return {"unreadable": None, "parts": [_plain(part) for part in found]}


def _plain(part: Part) -> list[str]:
    """Ecosystem, name, version, where it is needed, and how many checksums there are."""
    return [part.ecosystem, part.name, part.version, part.condition, str(len(part.hashes))]


def _altered(names: Sequence[str]) -> dict[str, list[str]]:
    found = {name: list(components.altered(name))[:10] for name in names}
    return {name: files for name, files in found.items() if files}


def judge(evidence: Evidence, _params: Params) -> Judged:
    listed = evidence["listed"]
    if listed["unreadable"]:
        return failed("Die Liste der Bestandteile ist nicht lesbar", "The list is unreadable", [listed["unreadable"]])
    faults = [*_python(evidence), *_client(evidence), *_engine(evidence)]
    faults += [f"{name} {version} (no checksum)" for _, name, version, _, hashes in listed["parts"] if hashes == "0"]
    if faults:
        return failed(
            "Die Liste der Bestandteile ist nicht die dessen, was läuft",
            "The list of components is not that of what runs",
            faults,
        )
    if not evidence["needed"] or not evidence["bundled"] or _is_mute(evidence["engine"]):
        return saw_nothing(
            "Nicht alle Teile sagten, woraus sie bestehen (Server, Oberfläche, Medienvermittlung).",
            "Not all parts told what they are made of (server, client, media engine).",
        )
    count = len(listed["parts"])
    return passed(
        f"{count} Bestandteile stehen mit Version und Prüfsumme in der Liste, und was läuft, ist in ihr.",
        f"{count} components are listed with version and checksum, and what runs is among them.",
    )


def _is_mute(engine: Mapping[str, Any] | None) -> bool:
    return engine is not None and engine["version"] is None


def _of(evidence: Evidence, ecosystem: str) -> Iterator[tuple[str, str, str]]:
    """Name, version, condition."""
    for of, name, version, condition, _ in evidence["listed"]["parts"]:
        if of == ecosystem:
            yield name, version, condition


def _python(evidence: Evidence) -> Iterator[str]:
    there = evidence["installed"]
    listed = {(name, version) for name, version, _ in _of(evidence, "pypi")}
    names = {name for name, _ in listed}
    for name in evidence["needed"]:
        if (name, there[name]) not in listed:
            yield f"{name} {there[name]}"
    for name, version, condition in _of(evidence, "pypi"):
        # A condition names machines and Pythons that this one need not be.
        if name not in there and not condition:
            yield f"{name} {version} (not installed)"
    # Whatever lies in the environment can be run with the server, asked for or not.
    yield from (
        f"{name} {there[name]} (listed nowhere)" for name in sorted(set(there) - names - set(evidence["tools"]))
    )
    for name, files in evidence["altered"].items():
        yield f"{name} (altered: {', '.join(files)})"


def _client(evidence: Evidence) -> Iterator[str]:
    listed = {(name, version) for name, version, _ in _of(evidence, "npm")}
    for name, version in evidence["bundled"]:
        if (name, version) not in listed:
            yield f"{name} {version}"


def _engine(evidence: Evidence) -> Iterator[str]:
    engine = evidence["engine"]
    if engine is None or engine["version"] is None:
        return
    listed = [version.removeprefix("v") for name, version, _ in _of(evidence, "golang") if name == _ENGINE]
    if listed != [engine["version"]]:
        yield f"livekit-server {engine['version']}"


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """A component that is in use is left out of the list."""
    folder = components.lock_folder(target.release)
    with tempfile.TemporaryDirectory() as name:
        copied = Path(name)
        (copied / "engine").mkdir()
        for file in {*locks.FILES, *(lock.name for lock in folder.glob("requirements*.lock"))}:
            if (folder / file).is_file():
                shutil.copyfile(folder / file, copied / file)
        list_ = copied / locks.PYTHON
        list_.write_text(_ENTRY.sub("", list_.read_text(encoding="utf-8")), encoding="utf-8")
        yield replace(resettled(target), release=copied)


PROBE: Final = Probe(
    id="supply.sbom",
    version=1,
    proves=Text(
        de="Die Stückliste dieser Version nennt jeden Bestandteil mit Version und Prüfsumme; jedes Python-Paket, das "
        "der Server braucht, jedes Paket in der ausgelieferten Oberfläche und die Medienvermittlung sind in genau "
        "dieser Version darin, die Dateien der Python-Pakete unverändert, und sonst ist nichts installiert.",
        en="This release's bill of materials names each component with version and checksum; each Python package that "
        "the server needs, each package in the client as it is served, and the media engine are in it in exactly that "
        "version, the files of the Python packages are unaltered, and nothing else is installed.",
    ),
    proves_not=Text(
        de="Woraus Betriebssystem, Python und Datenbank bestehen; welche Pakete die Arbeitsskripte der Oberfläche "
        "(Worker) enthalten; dass die Medienvermittlung aus den Modulen gebaut wurde, die bei ihr stehen; dass der "
        "laufende Server in der Umgebung läuft, in der dieser Lauf es tat; was Vermittlungen auf anderen Maschinen "
        "sind.",
        en="What the operating system, Python and the database are made of; which packages the client's workers "
        "contain; that the media engine was built from the modules listed with it; that the running server runs in "
        "the environment in which this run did; what engines on other machines are.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("engine", "engine_binary"),
    seconds=60.0,
)
