"""Ada's acts are done by processes. They hang, crash, shout or talk nonsense, and the server says so and goes on."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from klausur.check_lock import only_check
from klausur.domain.errors import CheckRunning, KlausurError, NotThere, ProofBusy, ProofFailed, ProofRefused
from klausur.proving import Child, ProofProcesses

ACT = {"who": {"account": "A", "name": "Ada"}, "act": {"kind": "fact", "key": "minors", "value": True}}
# For as long as anybody is there who has a pipe's end for writing, its other end is not over.
_HOLDS = "import os, signal, subprocess, sys; out = os.open(sys.argv[1], os.O_WRONLY); os.write(out, b'here\\n'); "
HANGS = _HOLDS + "signal.pause()"
DEAF = _HOLDS + "sys.stdin.close(); sys.stdout.close(); signal.pause()"
_STARTS = "os.set_inheritable(out, True); subprocess.Popen(['sleep', '600'], close_fds=False, stdout=2); "
WITH_CHILD = _HOLDS + _STARTS + "signal.pause()"
LEAVES_CHILD = _HOLDS + _STARTS + "print('{\"done\": {}}')"


class Pipe:
    """To which a child says that it is there."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "pipe"
        os.mkfifo(self._path)
        self._end: BinaryIO | None = None

    async def somebody_is_there(self) -> None:
        self._end = await asyncio.to_thread(self._path.open, "rb", 0)
        assert await asyncio.to_thread(self._end.readline) == b"here\n"

    async def nobody_is_left(self) -> None:
        assert self._end is not None
        assert await asyncio.to_thread(self._end.read) == b""
        self._end.close()


class Errands:
    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []

    def run(self, errand: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(errand))


async def no_check() -> None: ...


def office(folder: Path, code: str, *, seconds: float = 30.0) -> ProofProcesses:
    """Whose child runs ``code``, with the name of a file for it to write to."""
    child = Child((sys.executable, "-c", code, str(folder / "pipe")), {}, seconds, seconds, 64 * 1024)
    return ProofProcesses(folder, child, no_check, Errands())


def answering(told: object) -> str:
    return f"import sys; sys.stdin.read(); print({json.dumps(told)!r})"


def exports_left(folder: Path) -> list[Path]:
    return list(folder.glob("export-*"))


async def test_what_came_of_it_is_handed_on(tmp_path: Path) -> None:
    told = await office(tmp_path, "import sys, json; print(json.dumps({'done': json.load(sys.stdin)}))").do(ACT)
    assert told == ACT


async def test_a_refusal_is_handed_on(tmp_path: Path) -> None:
    message = {"de": "Nein.", "en": "No."}
    with pytest.raises(ProofRefused) as refused:
        await office(tmp_path, answering({"refused": {"field": "until", "message": message}})).do(ACT)
    assert (refused.value.field, refused.value.message) == ("until", message)
    with pytest.raises(NotThere):
        await office(tmp_path, answering({"missing": True})).do(ACT)


GARBAGE = [
    "raise SystemExit(1)",
    "raise RuntimeError('crashed')",
    "pass",
    "print('Traceback')",
    "print('{}')",
    "print('[]')",
    "print('null')",
    "print('{\"done\": {}}' * 2)",
    "import sys; sys.stdout.buffer.write(b'\\xff\\xfe')",
    answering({"failed": "StorageUnavailable"}),
    answering({"missing": "perhaps"}),
    answering({"refused": {}}),
    answering({"refused": "no"}),
    answering({"refused": {"field": "x", "message": {"de": "Nein."}}}),
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "print('[' * 50_000)",
    "while True: print('x' * 1000)",
    "import sys; sys.stdin.close(); print('x')",
]


@pytest.mark.parametrize("code", GARBAGE)
async def test_what_is_no_answer_is_a_failure(tmp_path: Path, code: str) -> None:
    with pytest.raises(ProofFailed):
        await office(tmp_path, code).do(ACT)
    with pytest.raises(ProofFailed):
        await office(tmp_path, code).export("checklist.csv")
    assert exports_left(tmp_path) == []
    assert asyncio.all_tasks() == {asyncio.current_task()}, "nobody waits for what will not come"


async def test_a_child_that_hears_nothing_is_told_all_the_same(tmp_path: Path) -> None:
    """More than a pipe holds, to somebody who does not read."""
    large = {**ACT, "files": "x" * 4 * 1024 * 1024}
    told = await office(tmp_path, 'print(\'{"done": {"heard": false}}\')').do(large)
    assert told == {"heard": False}


@pytest.mark.parametrize("code", ["import signal; signal.pause()", "import os; os.close(1); input(); input()"])
async def test_a_child_that_comes_to_no_end_is_ended(tmp_path: Path, code: str) -> None:
    with pytest.raises(ProofFailed):
        await office(tmp_path, code, seconds=0.5).do(ACT)


@pytest.mark.parametrize("code", [HANGS, DEAF, WITH_CHILD])
@pytest.mark.parametrize("what", ["act", "export"])
async def test_when_the_server_stops_nobody_is_left(tmp_path: Path, code: str, what: str) -> None:
    its, pipe = office(tmp_path, code), Pipe(tmp_path)
    task = asyncio.ensure_future(its.do(ACT) if what == "act" else its.export("checklist.csv"))
    await pipe.somebody_is_there()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await pipe.nobody_is_left()
    assert exports_left(tmp_path) == []


async def test_what_a_child_leaves_behind_is_ended(tmp_path: Path) -> None:
    its, pipe = office(tmp_path, LEAVES_CHILD), Pipe(tmp_path)
    told, _ = await asyncio.gather(its.do(ACT), pipe.somebody_is_there())
    assert told == {}
    await pipe.nobody_is_left()


async def test_a_program_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    child = Child((str(tmp_path / "nothing"),), {})
    with pytest.raises(ProofFailed):
        await ProofProcesses(tmp_path, child, no_check, Errands()).do(ACT)


async def test_one_act_after_the_other_and_not_too_many(tmp_path: Path) -> None:
    code = (
        "import os, sys, json; sys.stdin.read(); fd = os.open(sys.argv[1] + '.only', os.O_CREAT | os.O_EXCL); "
        "os.unlink(sys.argv[1] + '.only'); print(json.dumps({'done': {}}))"
    )
    its = office(tmp_path, code)
    came = await asyncio.gather(*(its.do(ACT) for _ in range(12)), return_exceptions=True)
    assert [type(one) for one in came if isinstance(one, KlausurError)] == [ProofBusy] * 4
    assert [one for one in came if one == {}] == [{}] * 8
    assert await its.do(ACT) == {}, "and then there is room again"


# -- exports ----------------------------------------------------------------------------------------------------------

WRITES = "import sys, json; open(json.load(sys.stdin)['act']['file'], 'x').write('made'); print('{\"done\": null}')"


async def test_an_export_is_a_file_without_a_name(tmp_path: Path) -> None:
    handed = await office(tmp_path, WRITES).export("package.zip")
    with handed.content:
        assert (handed.size, handed.content.read()) == (4, b"made")
    assert exports_left(tmp_path) == []


async def test_one_export_at_a_time(tmp_path: Path) -> None:
    its, pipe = office(tmp_path, HANGS), Pipe(tmp_path)
    first = asyncio.ensure_future(its.export("package.zip"))
    await pipe.somebody_is_there()
    with pytest.raises(ProofBusy):
        await its.export("checklist.csv")
    first.cancel()
    await pipe.nobody_is_left()
    with suppress(asyncio.CancelledError):
        await first
    second = asyncio.ensure_future(its.export("checklist.csv"))
    await pipe.somebody_is_there()
    second.cancel()
    await pipe.nobody_is_left()
    with suppress(asyncio.CancelledError):
        await second


async def test_what_a_server_left_that_was_killed_goes_with_the_next_export(tmp_path: Path) -> None:
    (tmp_path / "export-left").mkdir()
    (tmp_path / "export-left" / "file").write_text("of a server that was killed")
    handed = await office(tmp_path, WRITES).export("package.zip")
    handed.content.close()
    assert exports_left(tmp_path) == []


async def test_a_name_that_leads_elsewhere_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotThere):
        await office(tmp_path, "raise SystemExit").export("../proof-key")
    assert exports_left(tmp_path) == []


# -- runs -------------------------------------------------------------------------------------------------------------


async def test_a_run_goes_on_until_it_has_ended(tmp_path: Path) -> None:
    go_on, errands = asyncio.Event(), Errands()

    async def check() -> None:
        await go_on.wait()

    its = ProofProcesses(tmp_path, Child((), {}), check, errands)
    assert not its.running
    its.begin_check()
    with pytest.raises(CheckRunning):
        its.begin_check()
    go_on.set()
    await errands.tasks[0]
    assert not its.running


async def test_a_run_that_could_not_begin_is_over(tmp_path: Path) -> None:
    errands = Errands()

    async def check() -> None:
        raise FileNotFoundError(2, "no such program")

    its = ProofProcesses(tmp_path, Child((), {}), check, errands)
    its.begin_check()
    await errands.tasks[0]
    assert not its.running


async def test_a_run_that_somebody_began_at_the_terminal_counts(tmp_path: Path) -> None:
    its = ProofProcesses(tmp_path, Child((), {}), no_check, Errands())
    with only_check(tmp_path):
        assert its.running
        with pytest.raises(CheckRunning):
            its.begin_check()
    assert not its.running
