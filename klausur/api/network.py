"""Who is asking: the network an attempt is counted for. Kept for the length of a request and in counters, never told.

X-Forwarded-For is believed from trusted proxies only, and read from its end: what stands further left, the client may
have written itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from klausur.api.asgi import App, Receive, Scope, Send

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NETWORK = "klausur.network"
DIRECT = "klausur.direct"


class WhoAsks:
    """Sets ``scope[NETWORK]``, and ``scope[DIRECT]``: no trusted proxy stands in between."""

    def __init__(self, app: App, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = _address(scope["client"][0] if scope.get("client") else "")
        scope[DIRECT] = not self._trusts(peer)
        asker = peer if scope[DIRECT] else self._forwarded(scope) or peer
        scope[NETWORK] = network_of(asker)
        await self._app(scope, receive, send)

    def _forwarded(self, scope: Scope) -> _Address | None:
        """The last address in the chain that is not a trusted proxy's."""
        values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        address = None
        for hop in reversed(",".join(values).split(",")):
            address = _address(hop.strip())
            if address is None or not self._trusts(address):
                break
        return address

    def _trusts(self, address: _Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def network_of(address: _Address | None) -> str:
    """An IPv4 address; of IPv6 the /64, all of which one subscriber has."""
    if address is None:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))


def _address(text: str) -> _Address | None:
    """IPv4 in IPv6's clothes is IPv4; proxies may write a port behind it."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        host, colon, port = text.rpartition(":")
        return _address(host) if colon and port.isdigit() and host.strip("[]") != text else None
    return getattr(address, "ipv4_mapped", None) or address
