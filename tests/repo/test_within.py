"""A run that is given so much time says what it got done, and leaves nobody behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo import tree

WITHIN = (sys.executable, str(tree.ROOT / "script/within"))
HOLDS = "import os, signal, sys; os.open(sys.argv[1], os.O_WRONLY); signal.pause()"
STARTS = "import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}, sys.argv[1]])"


@pytest.mark.parametrize("status", [0, 3])
def test_what_is_done_in_time_says_itself_how_it_went(status: int) -> None:
    done = subprocess.run([*WITHIN, "50", sys.executable, "-c", f"raise SystemExit({status})"], check=False)
    assert done.returncode == status


@pytest.mark.parametrize("code", [HOLDS, STARTS.format(code=HOLDS)])
def test_what_is_not_is_ended_with_all_it_started(tmp_path: Path, code: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([*WITHIN, "0.5", sys.executable, "-c", code, str(pipe)]) as running:
        # Both come back when nobody has the pipe open any more, or nobody could open it in time.
        keeper = os.open(pipe, os.O_RDWR)
        assert running.wait(50) == 124
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        os.close(keeper)
        assert os.read(reader, 1) == b""
        os.close(reader)


def test_a_part_that_the_time_is_too_short_for_is_named(tmp_path: Path) -> None:
    """The parts of script/test themselves, with commands that answer at once."""
    lines = (tree.ROOT / "script/test").read_text().split("case ${1:-} in", 1)[0]
    script = tmp_path / "some-parts"
    script.write_text(
        lines.replace('. "$(dirname "$0")/lib"', f'. "{tree.ROOT}/script/lib"')
        + 'part "Quick" true\nUNTIL=0\npart "Late" true\nprintf "%s\\n" "${FAILED[@]}"\n'
    )
    done = subprocess.run(
        ["/usr/bin/env", "bash", str(script), "--within", "1"], capture_output=True, text=True, check=True
    )
    assert "== Quick: passed" in done.stdout
    assert "== Late: NOT RUN" in done.stdout
    assert done.stdout.splitlines()[-1] == "Late (not run)"
