"""The short process beside a running server that does what somebody asked it to do with the proof, and judges anew:
``python -m klausur.compliance.child``, with the server's settings in its environment.

On standard input one JSON object ``{"who": {"account", "name"}, "act": {"kind", …}}``; on standard output one line:

    {"done": …}                              what came of it
    {"refused": {"field", "message"}}        why it cannot be taken, in both languages
    {"missing": true}                        there is no such thing
    {"failed": "StorageUnavailable"}         what kind of mishap it was: nothing more, for it goes into the log

The kinds are the methods of ``_Acts``. What is in the object has passed the server's models, and is checked again here
as far as it decides anything. A process that comes to no end is ended by the system.
"""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Final

from klausur.compliance.catalogue import load
from klausur.compliance.confirming import hand_out
from klausur.compliance.exporting import CannotExport, material_of
from klausur.compliance.exports.all import FORMATS, everything
from klausur.compliance.judging import PROFILE, Installation, is_turned_back, judge_again, judged, known
from klausur.compliance.keeping import TooMuch
from klausur.compliance.model import Catalogue
from klausur.compliance.probes import ALL
from klausur.compliance.report import FACTS_PAGE, plain_attestation, plain_waiver
from klausur.compliance.running import look_again
from klausur.compliance.stating import Answer, Deviation, File, Missing, Refused, Speaker, Statements
from klausur.compliance.verdicts import Invalid
from klausur.compliance.words import Text
from klausur.domain.proof_ports import EXPORTS, PACKAGE
from klausur.machine import write_new
from klausur.settings import Settings, plain, read
from klausur.store.opening import open_database

ASKED_BYTES: Final = 32 * 1024 * 1024
LONGEST_SECONDS: Final = 300
"""Whoever started this has less patience; this is for when it is gone."""
FILE_BYTES: Final = 4 * 1024**3
"""No file that this process writes becomes larger; no package may be."""

Plain = dict[str, Any]


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Acts:
    settings: Settings
    its: Installation
    catalogue: Catalogue
    who: Speaker

    async def judge(self, _: Plain) -> Any:
        """Only puts the pages together."""
        await self._judge()

    async def fact(self, act: Plain) -> Any:
        await self._statements().fact(self.who, act["key"], act["value"])
        await look_again(self.its, self.catalogue, ALL)
        await self._judge()
        async with self.its.store.reading() as unit:
            page = await unit.proof.page(FACTS_PAGE)
        facts = json.loads(page.body)["facts"] if page is not None else ()
        return next(one for one in facts if one["key"] == act["key"])

    async def attest(self, act: Plain) -> Any:
        files = tuple(File(one["name"], one["media_type"], _decoded(one["body"])) for one in act["files"])
        said = {name: act[name] for name in ("objective", "answer", "statement", "person", "role", "until")}
        attestation, names = await self._statements().attest(self.who, Answer(**said, files=files))
        await self._judge()
        return plain_attestation(attestation, names)

    async def withdraw_attestation(self, act: Plain) -> Any:
        await self._statements().withdraw_attestation(self.who, act["id"])
        await self._judge()

    async def ask_for_waiver(self, act: Plain) -> Any:
        said = {name: act[name] for name in ("target", "reason", "risk", "compensation", "until", "person")}
        waiver = await self._statements().ask_for(self.who, Deviation(**said))
        await self._judge()
        return plain_waiver(waiver)

    async def approve_waiver(self, act: Plain) -> Any:
        waiver = await self._statements().approve(self.who, act["id"], act["person"])
        await self._judge()
        return plain_waiver(waiver)

    async def withdraw_waiver(self, act: Plain) -> Any:
        await self._statements().withdraw_waiver(self.who, act["id"])
        await self._judge()

    async def export(self, act: Plain) -> Any:
        """``name``: one of EXPORTS. Into the new file ``file``."""
        name, file = act["name"], Path(act["file"])
        if name not in EXPORTS:
            raise Missing
        with suppress(ValueError, OSError):  # a stricter limit is somebody's wish
            resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
        invalid = Invalid.CLOCK_TURNED_BACK if await is_turned_back(self.its) else None
        what = await known(self.its)
        found = judged(self.catalogue, what, self.catalogue.profiles[PROFILE].requirements, invalid=invalid)
        language = self.settings.language
        material = material_of(self.its.release, self.catalogue, found, what, PROFILE, language)
        if name != PACKAGE:
            write_new(file, FORMATS[EXPORTS[name].format].make(material))
            return
        await hand_out(
            self.settings,
            self.its.store,
            self.its.clock,
            file,
            release=self.its.release,
            catalogue={"id": found.catalogue, "version": found.version, "digest": found.digest},
            more={f"exports/{each}": content for each, content in everything(material)},
        )

    def _statements(self) -> Statements:
        return Statements(self.its.store, self.its.clock, self.catalogue, self.its.settings)

    async def _judge(self) -> None:
        await judge_again(self.its, catalogue=self.catalogue)


KINDS: Final[Mapping[str, Callable[[_Acts, Plain], Any]]] = {
    act.__name__: act
    for act in (
        _Acts.judge,
        _Acts.fact,
        _Acts.attest,
        _Acts.withdraw_attestation,
        _Acts.ask_for_waiver,
        _Acts.approve_waiver,
        _Acts.withdraw_waiver,
        _Acts.export,
    )
}


def _decoded(body: str) -> bytes:
    try:
        return b64decode(body, validate=True)
    except ValueError:
        raise Refused("files", Text(de="Eine Datei kam verstümmelt an.", en="A file arrived garbled.")) from None


async def answer(asked: bytes, settings: Settings) -> Plain:
    """Never raises: whatever goes wrong has a place in what is answered."""
    try:
        given = json.loads(asked)
        who, act = Speaker(**given["who"]), given["act"]
        return {"done": await _do(settings, who, KINDS[act["kind"]], act)}
    except Refused as error:
        return {"refused": {"field": error.field, "message": {"de": error.said.de, "en": error.said.en}}}
    except Missing:
        return {"missing": True}
    except (CannotExport, TooMuch):
        return {"refused": {"field": "", "message": {"de": _CANNOT.de, "en": _CANNOT.en}}}
    except Exception as error:  # noqa: BLE001 - there is nobody else who could be told
        return {"failed": type(error).__name__}


_CANNOT: Final = Text(
    de="Dieser Export kann hier nicht erstellt werden; `klausur check --export` sagt, warum.",
    en="This export cannot be made here; `klausur check --export` says why.",
)


async def _do(settings: Settings, who: Speaker, kind: Callable[[_Acts, Plain], Any], act: Plain) -> Any:
    catalogue = load()
    store = open_database(settings.database)
    try:
        its = Installation(store, SystemClock(), plain(settings), installed_version("klausur"))
        return await kind(_Acts(settings, its, catalogue, who), act)
    finally:
        await store.close()


def main() -> None:
    signal.alarm(LONGEST_SECONDS)
    asked = sys.stdin.buffer.read(ASKED_BYTES + 1)
    told = {"failed": "TooMuch"} if len(asked) > ASKED_BYTES else asyncio.run(answer(asked, read().settings))
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
