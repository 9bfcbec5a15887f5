"""What the scripts' common part does, in a checkout of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.repo import tree

SET_UP = """
. script/lib
mkdir -p "$(dirname "$(engine_path)")"
printf '#!/bin/sh\\n' >"$(engine_path)"
chmod +x "$(engine_path)"
setup_engine
env
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("script/lib", "engine/go.mod", "engine/go.sum"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(tree.ROOT / name, tmp_path / name)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    return tmp_path


def set_up(checkout: Path, **settings: str) -> list[str]:
    """Variables of ours that a server started now would see. The engine has been built before."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "XDG_CACHE_HOME": str(checkout / "cache"), **settings}
    command = ["/usr/bin/env", "bash", "-c", SET_UP]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line.startswith("KLAUSUR_")]


def test_the_engine_lies_where_it_is_looked_for_and_klausur_toml_may_name_another(checkout: Path) -> None:
    assert not set_up(checkout)
    engine = checkout / ".venv/bin/livekit-server"
    assert engine.resolve().is_relative_to(checkout / "cache/klausur/engine")
    assert engine.read_text() == "#!/bin/sh\n"


def test_an_engine_that_the_user_names_stays_named(checkout: Path) -> None:
    assert set_up(checkout, KLAUSUR_ENGINE_BINARY="/opt/engine") == ["KLAUSUR_ENGINE_BINARY=/opt/engine"]
    assert not (checkout / ".venv/bin/livekit-server").exists()
