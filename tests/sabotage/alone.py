"""That no other check goes on in the same data folder: a server begins one by itself some time after its start."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from klausur.check_lock import FILE


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Waits for its turn; whoever started this process gives it a time by which it has to be done."""
    with (folder / FILE).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
