"""Asked to stop, it ends with status 0 and leaves nobody behind: also before it is ready."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from klausur import run
from klausur.cli import main
from klausur.stopping import on_request
from tests.cli.test_commands import free_port

BOTH = pytest.mark.parametrize("request_", [signal.SIGTERM, signal.SIGINT])
VERSION = 'if [ "$1" ]; then echo livekit-server version 1.13.5; exit; fi\n'


@BOTH
@pytest.mark.parametrize("first", [VERSION, ""], ids=["as the engine comes up", "as its version is asked"])
def test_while_it_starts(tmp_path: Path, request_: signal.Signals, first: str) -> None:
    """The engine says its process id and never answers."""
    told = tmp_path / "told"
    os.mkfifo(told)
    engine = tmp_path / "livekit-server"
    engine.write_text(f"#!/bin/sh\n{first}echo $$ >'{told}'\nexec sleep 60\n")
    engine.chmod(0o755)
    settings = {
        "KLAUSUR_DATA": str(tmp_path / "data"),
        "KLAUSUR_PORT": str(free_port()),
        "KLAUSUR_MEDIA_UDP_PORT": str(free_port()),
        "KLAUSUR_ENGINE_BINARY": str(engine),
    }
    with subprocess.Popen([sys.executable, "-m", "klausur", "serve"], env=settings, stderr=subprocess.PIPE) as server:
        child = int(told.read_text())
        server.send_signal(request_)
        _, said = server.communicate()
    assert (server.returncode, b"Traceback" in said) == (0, False), said.decode()
    assert not psutil.pid_exists(child)


@BOTH
def test_while_it_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_: signal.Signals) -> None:
    """Before there is a loop, an engine, or anything else that could be ended."""
    monkeypatch.setattr(run, "own_folder", lambda _: signal.raise_signal(request_))
    with on_request(lambda: pytest.fail("nobody heard it")):
        before = signal.getsignal(request_)
        with pytest.raises(SystemExit) as ended:
            main(["serve", "--data", str(tmp_path), "--port", str(free_port())])
        assert signal.getsignal(request_) is before
    assert not ended.value.code
