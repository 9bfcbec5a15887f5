"""The engine's process, on a leash.

Between us and the engine stands a shell that does nothing but read our pipe: it passes the signals that we name, and
when the pipe closes, because we closed it or because we are gone in whatever way, SIGKILL included, it kills the
engine. This works wherever there is a POSIX shell; Linux' PR_SET_PDEATHSIG would need code between fork and exec in a
process with threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Mapping
from typing import Final

import structlog

from klausur.media.redactor import redact

_log = structlog.get_logger(__name__)

# The inner shell says its process id and becomes the engine, so the first line of output is the engine's id. The outer
# one lets go of the output, so that its end means the engine's end, and waits for the engine only at the very end, so
# that a dead engine's id is not given to another process while we may still signal it.
_LEASH: Final = """
sh -c 'echo $$; exec "$0"' "$0" </dev/null &
engine=$!
exec >/dev/null 2>&1
while read -r name; do kill -s "$name" "$engine"; done
kill -s KILL "$engine"
wait "$engine"
"""
_MAX_LINE_BYTES: Final = 64 * 1024
_DEATH_SECONDS: Final = 2.0


class Child:
    def __init__(self, leash: asyncio.subprocess.Process, output: asyncio.StreamReader, pid: int) -> None:
        self._leash = leash
        self._output = output
        self.pid = pid
        self._words: deque[str] = deque(maxlen=5)
        self._gone = asyncio.Event()
        self._listening = asyncio.create_task(self._listen(), name="engine-output")

    @classmethod
    async def start(cls, executable: str, config: str) -> Child:
        """``config`` goes by environment: readable only for this user, nowhere on disk, on no command line.

        Nothing else of our environment does, because LiveKit takes settings from there. Raises OSError.
        """
        starting = asyncio.create_task(cls._start(executable, config))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            # Left half started it would be nobody's, and end only with us.
            with contextlib.suppress(OSError):
                await (await starting).kill()
            raise

    @classmethod
    async def _start(cls, executable: str, config: str) -> Child:
        leash = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            _LEASH,
            executable,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_environment(config),
            start_new_session=True,  # Ctrl-C on the terminal is for us: the engine goes last
            limit=_MAX_LINE_BYTES,
        )
        output = leash.stdout or asyncio.StreamReader()
        first = await output.readline()
        return cls(leash, output, int(first))

    @property
    def gone(self) -> bool:
        return self._gone.is_set()

    @property
    def unleashed(self) -> bool:
        """Somebody has killed the leash but not the engine: the pipe can end nothing any more."""
        return self._leash.returncode is not None and not self._listening.done()

    @property
    def last_words(self) -> str:
        """Its last lines, masked."""
        return " / ".join(self._words)

    async def wait_gone(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._gone.wait()
        return self.gone

    def signal(self, name: str) -> None:
        """``TERM`` and the like."""
        if self._leash.stdin is not None and not self._leash.stdin.is_closing():
            self._leash.stdin.write(f"{name}\n".encode())

    async def kill(self) -> None:
        """Returns when the process and its leash are gone."""
        if self._leash.stdin is not None:
            self._leash.stdin.close()
        if self.unleashed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DEATH_SECONDS):
                await self._leash.wait()  # which also waits for the end of the output
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                raw = await self._output.readline()
            except ValueError:  # longer than we care for
                continue
            if not raw:
                break
            self._note(raw.decode(errors="replace"))
        self._gone.set()

    def _note(self, raw: str) -> None:
        line = redact(raw)
        if line is None:
            return
        self._words.append(line.text)
        _log.warning("engine_says", engine_level=line.level, line=line.text)


def _environment(config: str) -> Mapping[str, str]:
    return {"LIVEKIT_CONFIG": config, "PATH": "/usr/bin:/bin"}
