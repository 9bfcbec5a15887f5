"""What is built for others holds what it is judged by and what it is made of."""

from __future__ import annotations

import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from tests.repo import tree


def test_the_wheel_carries_the_catalogue_and_the_lock_files(tmp_path: Path) -> None:
    (built,) = WheelBuilder(str(tree.ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
        digest = wheel.read("klausur/catalogue/digest")
    here = {file.relative_to(tree.ROOT) for file in (tree.ROOT / "catalogue").rglob("*") if file.is_file()}
    assert {f"klausur/{file.as_posix()}" for file in here} <= names
    assert digest == (tree.ROOT / "catalogue" / "digest").read_bytes()
    assert {"klausur/locks/requirements.lock", "klausur/cli.py", "klausur/compliance/inventory.yaml"} <= names
    assert not [name for name in names if name.startswith("catalogue/")]
