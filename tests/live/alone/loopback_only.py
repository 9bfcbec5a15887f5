"""Makes the loopback of a fresh network namespace usable, then becomes the command in the arguments.

Firefox offers the address that leads to a default route and would offer none at all here. So the loopback also gets an
address of the documentation range and a default route to itself, where everything for the outside ends.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys

SIOCADDRT, SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK = 0x890B, 0x8914, 0x8916, 0x891C  # linux/sockios.h
IFF_UP, RTF_UP = 0x1, 0x1


def inet(address: str) -> bytes:
    """A struct sockaddr_in of 16 bytes."""
    return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))
        fcntl.ioctl(control, SIOCSIFADDR, struct.pack("16s16s8x", b"lo:1", inet("192.0.2.1")))
        fcntl.ioctl(control, SIOCSIFNETMASK, struct.pack("16s16s8x", b"lo:1", inet("255.255.255.255")))
        device = ctypes.create_string_buffer(b"lo")
        anywhere = struct.pack("=H14x", socket.AF_INET)
        # struct rtentry: destination, gateway, mask, flags, metric, device
        route = struct.pack(
            "@L16s16s16sHhLPhPLLH",
            0,
            anywhere,
            anywhere,
            anywhere,
            RTF_UP,
            0,
            0,
            0,
            0,
            ctypes.addressof(device),
            0,
            0,
            0,
        )
        fcntl.ioctl(control, SIOCADDRT, route)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the command is the test's own


main()
