"""The client's files. Read once at the start: what is not in the table does not exist, whatever the path says."""

from __future__ import annotations

import gzip
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Final

from klausur.api.asgi import Headers, Receive, Scope, Send, answer, header
from klausur.api.errors import refuse
from klausur.api.headers import WITH_WEBASSEMBLY
from klausur.domain.errors import NoSuchMethod

PAGES: Final = re.compile(
    r"/|/m/[^/]*/?|/privacy|/imprint|/signin|/setup|/invite|/account|/admin|/schedule|/proof", re.ASCII
)
_INDEX: Final = "/index.html"
_HASHED: Final = "/assets/"
_SHRINKS: Final = frozenset({".html", ".js", ".mjs", ".css", ".svg", ".json", ".webmanifest", ".txt", ".wasm", ".map"})
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_COUNTS: Final = re.compile(r"/assets/password\.worker-[\w-]+\.js", re.ASCII)
"""The one script that runs WebAssembly: it makes keys of a password, in a worker of its own."""
_FOR_EVER: Final = (b"cache-control", b"public, max-age=31536000, immutable")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    kind: bytes
    plain: bytes | None
    """What is served where it is not what the file holds."""
    packed: bytes | None
    """gzip of it, where that is smaller."""


class ClientFiles:
    """ASGI application. ``folder`` is what Vite built; without one there is nothing to be had here.

    ``language``: the operator's, for browsers that ask for none we speak; the page carries it as ``data-language``, and
    the operator's name as ``data-operator``, so that who is responsible stands on the first page without another
    request.
    """

    def __init__(self, folder: Path, language: str, operator: str) -> None:
        files = _load(folder) if folder.is_dir() else {}
        if _INDEX in files:
            files[_INDEX] = _of_operator(files[_INDEX], language, operator)
        self._files: Mapping[str, _File] = files

    @property
    def built(self) -> bool:
        return _INDEX in self._files

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            await refuse(scope, send, NoSuchMethod("GET", "HEAD"))
        elif PAGES.fullmatch(path):
            await self._send(scope, send, 200, _INDEX)
        elif path in self._files and path != _INDEX:
            await self._send(scope, send, 200, path)
        else:
            # The page says in the visitor's language that there is nothing here.
            await self._send(scope, send, 404, _INDEX)

    async def _send(self, scope: Scope, send: Send, status: int, name: str) -> None:
        file = self._files.get(name)
        if file is None:
            await answer(scope, send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"Not found\n")
            return
        headers: Headers = [(b"content-type", file.kind), (b"vary", b"accept-encoding")]
        if status == 200 and name.startswith(_HASHED):
            headers.append(_FOR_EVER)
        if _COUNTS.fullmatch(name):
            headers.append(WITH_WEBASSEMBLY)
        if file.packed is not None and "gzip" in (header(scope, b"accept-encoding") or ""):
            await answer(scope, send, status, [*headers, (b"content-encoding", b"gzip")], file.packed)
        else:
            await answer(scope, send, status, headers, file.plain or file.path.read_bytes())


def _load(folder: Path) -> dict[str, _File]:
    """Without what tools leave for each other, such as Vite's ``.vite/manifest.json``."""
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        f"/{name.as_posix()}": _file(path)
        for name, path in found.items()
        if path.suffix not in (".gz", ".map") and not any(part.startswith(".") for part in name.parts)
    }


def _file(path: Path) -> _File:
    guessed = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _File(path=path, kind=guessed.encode(), plain=None, packed=_packed(path))


def _of_operator(page: _File, language: str, operator: str) -> _File:
    marked = f'<html data-language="{language}" data-operator="{escape(operator)}" '.encode()
    plain = page.path.read_bytes().replace(b"<html ", marked, 1)
    return replace(page, plain=plain, packed=gzip.compress(plain, 9, mtime=0))


def _packed(path: Path) -> bytes | None:
    """The build's own .gz, which is smaller, or ours."""
    if path.suffix not in _SHRINKS:
        return None
    beside = path.with_name(path.name + ".gz")
    if beside.is_file():
        return beside.read_bytes()
    plain = path.read_bytes()
    packed = gzip.compress(plain, 6, mtime=0)
    return packed if len(packed) < len(plain) else None
