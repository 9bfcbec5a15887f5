"""A time-stamping authority of our own: OpenSSL's, behind a loopback HTTP server; and others that lie."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

CONFIG = """
[ req ]
distinguished_name = name
prompt = no
[ name ]
CN = {name}
[ root ]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ signer ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,{purpose}
subjectKeyIdentifier = hash
[ tsa ]
default_tsa = own
[ own ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Authority:
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        openssl(self.folder, "ts", "-reply", "-section", "own", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()


def openssl(folder: Path, *arguments: str) -> str:
    command = ["openssl", arguments[0], *(("-config", "config") if needs_config(arguments) else ()), *arguments[1:]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def needs_config(arguments: tuple[str, ...]) -> bool:
    return arguments[0] == "req" or "-reply" in arguments


def authority(folder: Path, name: str = "Klausur test TSA", purpose: str = "timeStamping") -> Authority:
    folder.mkdir()
    (folder / "config").write_text(CONFIG.format(folder=folder, name=name, purpose=purpose))
    (folder / "serial").write_text("01\n")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(folder, "req", "-x509", *key, "-keyout", "root.key", "-out", "root.pem", "-extensions", "root")
    openssl(folder, "req", "-new", *key, "-keyout", "signer.key", "-out", "signer.csr", "-subj", f"/CN={name} signer")
    sign = ("-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "2", "-extfile", "config", "-extensions", "signer")
    openssl(folder, "x509", "-req", "-in", "signer.csr", "-out", "signer.pem", *sign)
    return Authority(folder)


@contextmanager
def served(answer: Callable[[bytes], bytes], status: int = 200) -> Iterator[str]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
