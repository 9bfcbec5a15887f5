"""One run of the proof at a time, whoever begins it: two would erase each other's accounts.

The lock goes with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FILE: Final = "check-lock"
_TRIES: Final = 3
_SECONDS: Final = 0.05


class CheckLocked(Exception):
    """Another run goes on."""


@contextmanager
def only_check(folder: Path) -> Iterator[None]:
    """``folder``: the data folder. Raises CheckLocked, OSError."""
    lock = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(lock)
        yield
    finally:
        os.close(lock)


def _lock(lock: int) -> None:
    """A few times: whoever only asks whether one runs has it for a moment, too."""
    for left in reversed(range(_TRIES)):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not left:
                raise CheckLocked from None
            time.sleep(_SECONDS)
        else:
            return


def check_runs(folder: Path) -> bool:
    """Whether one goes on. Raises OSError."""
    try:
        lock = os.open(folder / FILE, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
