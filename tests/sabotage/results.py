"""What a run of the table came to, kept in a file line by line, so that one that was cut off has not been in vain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.sabotage.damage import Damage
from tests.sabotage.installation import ROOT
from tests.sabotage.judging import Found

_BORNE_ON = ("klausur", "catalogue", "tests/sabotage")


def digest_of_source() -> str:
    """Of all that results depend on but the client, which has its own list of what it was built as."""
    digest = hashlib.sha256()
    files = [file for name in _BORNE_ON for file in (ROOT / name).rglob("*") if file.is_file()]
    for file in sorted([*files, ROOT / "web" / "dist" / ".vite" / "files.json"]):
        if file.suffix != ".pyc" and file.exists():
            digest.update(f"{file.relative_to(ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Results:
    file: Path | None
    source: str = field(default_factory=digest_of_source)

    def read(self, damages: Sequence[Damage]) -> Iterator[Found]:
        """Of this very source alone: what was noticed once says nothing of what was changed since."""
        if self.file is None or not self.file.exists():
            return
        named = {each.name: each for each in damages}
        for line in self.file.read_text("utf-8").splitlines():
            its = json.loads(line)
            if its["source"] == self.source and its["damage"] in named:
                yield Found(named[its["damage"]], its["rows"], its["faults"], its["says"], its["seconds"])

    def add(self, result: Found) -> None:
        if self.file is None:
            return
        told = {
            "damage": result.damage.name,
            "probes": result.damage.probes,
            "noticed": result.noticed,
            "rows": result.turned,
            "faults": result.faults,
            "says": dict(result.says),
            "seconds": round(result.seconds, 1),
            "source": self.source,
        }
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(told) + "\n")
