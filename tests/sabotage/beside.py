"""What an installation has beside it: advisories that its operator fetched, and an identity provider."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

ADVISORIES: Final = "advisories.json"


def advisory(id_: str, ecosystem: str, name: str, **affected: Any) -> Mapping[str, Any]:
    """In OSV's format, of today."""
    package = {"ecosystem": ecosystem, "name": name}
    return {"id": id_, "modified": datetime.now(UTC).isoformat(), "affected": [{"package": package, **affected}]}


def harmless_advisories(folder: Path, *more: Mapping[str, Any]) -> Path:
    """About packages that we do not have, and ``more``."""
    ecosystems: Sequence[str] = ("PyPI", "npm", "Go")
    none_of_ours = [advisory(f"X-{each}", each, "left-alone", versions=["1.0"]) for each in ecosystems]
    file = folder / ADVISORIES
    file.write_text(json.dumps([*none_of_ours, *more]), "utf-8")
    return file


@contextmanager
def identity_provider() -> Iterator[Mapping[str, str]]:
    """One that says where to sign in; nobody does. Returns the settings by which it is known."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Says) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield {
                "KLAUSUR_OIDC_ISSUER": f"http://127.0.0.1:{server.server_port}",
                "KLAUSUR_OIDC_CLIENT_ID": "klausur",
                "KLAUSUR_OIDC_CLIENT_SECRET": "s" * 40,
            }
        finally:
            server.shutdown()


class _Says(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        issuer = f"http://{self.headers['host']}"
        body = json.dumps(_about(issuer) if "openid-configuration" in self.path else {"keys": []}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


def _about(issuer: str) -> Mapping[str, Any]:
    ways = {f"{name}_endpoint": f"{issuer}/{name}" for name in ("authorization", "token", "userinfo", "end_session")}
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        **ways,
    }
