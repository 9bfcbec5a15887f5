"""The client as it was built, to be damaged in place."""

from __future__ import annotations

from pathlib import Path


def client(release: Path) -> Path:
    return release / "web" / "dist"


def scripted(line: str, release: Path) -> None:
    """At the beginning of the first script of all pages."""
    (script,) = (client(release) / "assets").glob("index-*.js")
    put(script, f"{line}\n{script.read_text('utf-8')}")


def put(file: Path, text: str) -> None:
    """Without the copy that is compressed already, where there is one."""
    file.write_text(text, "utf-8")
    file.with_name(f"{file.name}.gz").unlink(missing_ok=True)
