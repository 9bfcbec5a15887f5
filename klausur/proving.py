"""Whoever writes the proof while the server runs: a short process for each act, another for each export, and the run.
The server itself has nothing of ``klausur/compliance`` in its memory."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from klausur.check_lock import check_runs
from klausur.domain.errors import CheckRunning, KlausurError, NotThere, ProofBusy, ProofFailed, ProofRefused
from klausur.domain.ports import Errands
from klausur.domain.proof_ports import EXPORTS, Handed
from klausur.ending import end

_log = structlog.get_logger(__name__)

_WAITING_AT_MOST: Final = 8
_FOLDER: Final = "export-"
_FILE: Final = "file"
_PART_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Child:
    """How ``compliance/child.py`` is started, and how much of it is endured."""

    words: Sequence[str]
    environment: Mapping[str, str]
    act_seconds: float = 60.0
    export_seconds: float = 240.0
    answer_bytes: int = 1024 * 1024


class ProofProcesses:
    """domain.proof_ports.ProofOffice."""

    def __init__(self, folder: Path, child: Child, check: Callable[[], Awaitable[None]], errands: Errands) -> None:
        """``folder``: the data folder. ``check``: a whole run."""
        self._folder = folder
        self._child = child
        self._check = check
        self._errands = errands
        self._acting = asyncio.Lock()
        self._waiting = 0
        self._exporting = False
        self._begun = False

    @property
    def running(self) -> bool:
        try:
            return self._begun or check_runs(self._folder)
        except OSError:
            return False

    def begin_check(self) -> None:
        if self.running:
            raise CheckRunning
        self._begun = True
        self._errands.run(self._run())

    async def _run(self) -> None:
        try:
            await self._check()
        except OSError as error:
            _log.warning("check_not_started", reason=error.strerror)
        finally:
            self._begun = False

    async def do(self, act: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._waiting >= _WAITING_AT_MOST:
            raise ProofBusy
        self._waiting += 1
        try:
            async with self._acting:
                done = await self._ask(act, self._child.act_seconds)
        finally:
            self._waiting -= 1
        return done if isinstance(done, dict) else {}

    async def export(self, name: str) -> Handed:
        if name not in EXPORTS:
            raise NotThere
        if self._exporting:
            raise ProofBusy
        self._exporting = True
        try:
            return await self._export(name)
        except OSError as error:
            _log.warning("export_failed", reason=error.strerror)
            raise ProofFailed from error
        finally:
            self._exporting = False

    async def _export(self, name: str) -> Handed:
        """The file has no name any more when it is handed out: whatever becomes of us, none is left."""
        for left in self._folder.glob(f"{_FOLDER}*"):
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=self._folder))
        try:
            act = {"who": {"account": "", "name": ""}, "act": {"kind": "export", "name": name}}
            act["act"]["file"] = str((folder / _FILE).absolute())
            await self._ask(act, self._child.export_seconds)
            content = (folder / _FILE).open("rb")
            return Handed(content, os.fstat(content.fileno()).st_size)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _ask(self, act: Mapping[str, Any], seconds: float) -> Any:
        asked = await asyncio.to_thread(lambda: json.dumps(act).encode())
        try:
            async with asyncio.timeout(seconds):
                told = await self._talk(asked)
        except TimeoutError:
            _log.warning("proof_child_failed", reason="took too long")
            raise ProofFailed from None
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("proof_child_failed", reason=type(error).__name__)
            raise ProofFailed from None
        return _done(told)

    async def _talk(self, asked: bytes) -> Any:
        """Raises OSError, and ValueError for what is no answer."""
        process = await _started(self._child)
        try:
            _, answer = await asyncio.gather(_tell(process, asked), _hear(process, self._child.answer_bytes))
            await process.wait()
            return json.loads(answer)
        finally:
            await asyncio.shield(end(process))


async def _started(child: Child) -> asyncio.subprocess.Process:
    """Raises OSError."""
    starting = asyncio.create_task(_start(child))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Left half started it would be nobody's.
        with suppress(OSError):
            await end(await starting)
        raise


async def _start(child: Child) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *child.words,
        env=dict(child.environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # What it could say there is about people, who have no place in the log.
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )


async def _tell(process: asyncio.subprocess.Process, asked: bytes) -> None:
    if process.stdin is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):  # what it answers says why it would not hear more
        process.stdin.write(asked)
        await process.stdin.drain()
    process.stdin.close()


async def _hear(process: asyncio.subprocess.Process, at_most: int) -> bytes:
    """Raises ValueError where it does not stop."""
    heard = bytearray()
    while process.stdout is not None and (part := await process.stdout.read(_PART_BYTES)):
        heard += part
        if len(heard) > at_most:
            raise ValueError
    return bytes(heard)


def _done(told: Any) -> Any:
    """Raises what it says, and ProofFailed for what it cannot have said."""
    if not isinstance(told, dict):
        _log.warning("proof_child_failed", reason="no answer of ours")
        raise ProofFailed
    if "done" in told:
        return told["done"]
    raise _refusal(told)


def _refusal(told: Mapping[str, Any]) -> KlausurError:
    if told.get("missing") is True:
        return NotThere()
    refused = told.get("refused")
    try:
        if refused is not None:
            message = refused["message"]
            return ProofRefused({"de": str(message["de"]), "en": str(message["en"])}, str(refused["field"]))
    except (KeyError, TypeError):
        pass
    _log.warning("proof_child_failed", reason=str(told.get("failed", "no answer of ours"))[:60])
    return ProofFailed()
