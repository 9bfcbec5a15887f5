"""How values of settings are written, by those who write them: commas, addresses, networks."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from klausur.contradictions import is_loopback


def listed(value: object) -> object:
    """Commas in the environment, an array in the file."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def networks(value: object) -> object:
    """An address is a network of one; host bits that are set are a mistake worth hearing of."""
    parts = listed(value)
    return [ipaddress.ip_network(str(part)) for part in parts] if isinstance(parts, list) else parts


def web_address(value: object) -> object:
    """Scheme, name and port only: ``https://meet.example.org``."""
    if value is None:
        return None
    parts = urlsplit(str(value))
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not parts.hostname or not bare or parts.port == 0:
        raise ValueError("not a bare web address")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def nodes(value: object) -> object:
    nodes = listed(value)
    if not isinstance(nodes, list) or nodes == ["embedded"]:
        return nodes
    return [web_address(node) for node in nodes]


def issuer(value: object) -> object:
    """Left as it is written: it is compared to the letter."""
    if value is None:
        return None
    parts = urlsplit(str(value))
    here = parts.hostname is not None and (parts.hostname == "localhost" or is_loopback(parts.hostname))
    guarded = parts.scheme == "https" or (parts.scheme == "http" and here)
    if not guarded or not parts.hostname or parts.query or parts.fragment or parts.username or parts.port == 0:
        raise ValueError("not an issuer")
    return value


def stamp_address(value: object) -> object:
    """Plain http will do: what comes back is signed, and what goes there is a hash. Many have nothing else."""
    if value is None:
        return None
    parts = urlsplit(str(value))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("not an address on the web")
    if parts.port == 0:
        raise ValueError("not a port")
    return value


def database_address(value: object) -> object:
    """A port that is none is a mistake; all the rest the pattern sees."""
    _ = urlsplit(str(value)).port if str(value).startswith("postgresql") else None
    return value
