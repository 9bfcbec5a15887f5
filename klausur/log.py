"""The log: one JSON object a line on standard error, of keys on a list, with values that name nobody.

What is not on the list is dropped, not masked: a line says what happened, in which part, how often. Lines of libraries
keep their template and lose their arguments, which is where addresses, queries and values stand.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TextIO, cast

import structlog

_Event = MutableMapping[str, Any]

ALLOWED: Final = frozenset(
    {
        "timestamp",
        "level",
        "logger",
        "event",
        # what went wrong
        "code",
        "status",
        "reason",
        "setting",
        "error",
        "location",
        # where
        "part",
        "job",
        "route",
        "signal",
        "event_kind",
        "engine_level",
        "line",
        # how many
        "attempt",
        "count",
        "rooms",
        "participants",
        "permissions",
        "seconds",
        "version",
    }
)
"""Nothing on it can hold an address, a name, a ticket, a user agent or a title; and all values are masked besides."""

_OURS: Final = frozenset({"timestamp", "level", "location", "error", "version"})
"""Values that this module or the source code makes up: nothing to mask."""

_MASKS: Final = (
    (re.compile(r"[?#]\S+"), "?<removed>"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)"), "<address>"),
    (re.compile(r"\[?(?<![\w:])(?:[0-9a-f]{0,4}:){2,}[0-9a-f]{0,4}(?:%\w+)?\]?", re.IGNORECASE), "<address>"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "<mail>"),
    (re.compile(r"[A-Za-z0-9_-]{20,}"), "<id>"),
)
_LONGEST: Final = 400
_LOUD: Final = (
    "uvicorn",
    "websockets",
    "sqlalchemy",
    "alembic",
    "asyncio",
    "limits",
    "urllib3",
    "httpx",
    "httpcore",
    "psycopg",
)
"""Libraries whose lines below WARNING describe requests and rows."""


def mask(text: str) -> str:
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text[:_LONGEST]


def configure(level: str, stream: TextIO | None = None) -> None:
    """For the whole process. ``level`` is one of LOG_LEVEL's."""
    out = _Heard(stream or sys.stderr)
    threshold = logging.getLevelNamesMapping()[level.upper()]
    door = _Door(out)
    root = logging.getLogger()
    root.handlers = [door]
    root.setLevel(threshold)
    for name in _LOUD:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _where_it_failed,
            _only_allowed,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, out)),
        cache_logger_on_first_use=False,
    )


@contextmanager
def overheard(ear: Callable[[str], None]) -> Iterator[None]:
    """``ear`` gets each line of this process's log as it is written, in whichever thread that is; none before
    ``configure``."""
    heard = [door.out for door in doors()]
    for each in heard:
        each.ears.append(ear)
    try:
        yield
    finally:
        for each in heard:
            each.ears.remove(ear)


def doors() -> Sequence[_Door]:
    """Those that are in use: one after ``configure``."""
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, _Door)]


class _Heard:
    """A stream, and who overhears what is written to it."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.ears: list[Callable[[str], None]] = []

    def write(self, text: str) -> int:
        for ear in tuple(self.ears):
            ear(text)
        return self._out.write(text)

    def flush(self) -> None:
        self._out.flush()


def _where_it_failed(_logger: Any, _method: str, event: _Event) -> _Event:
    """Of an exception its types and the places in code, none of its words: they quote what somebody sent."""
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exception()
    if isinstance(failure, tuple):
        failure = failure[1]
    if isinstance(failure, BaseException):
        event["error"] = " from ".join(_chain(failure))
        event["location"] = " < ".join(_places(failure))
    return event


def _chain(failure: BaseException) -> list[str]:
    names: list[str] = []
    following: BaseException | None = failure
    while following is not None and len(names) < 5:
        names.append(type(following).__name__)
        following = following.__cause__
    return names


def _places(failure: BaseException) -> list[str]:
    frames = traceback.extract_tb(failure.__traceback__)
    return [f"{_module(frame.filename)}:{frame.lineno}" for frame in reversed(frames[-4:])]


def _module(filename: str) -> str:
    return "/".join(filename.split("/")[-2:])


def _only_allowed(_logger: Any, _method: str, event: _Event) -> _Event:
    return {key: _plain(key, value) for key, value in event.items() if key in ALLOWED}


def _plain(key: str, value: Any) -> Any:
    if key in _OURS or value is None or isinstance(value, bool | int | float):
        return value
    return mask(str(value))


class _Door(logging.Handler):
    """Through which the libraries' lines go too."""

    def __init__(self, out: _Heard) -> None:
        super().__init__()
        self.out = out
        self._log = structlog.wrap_logger(structlog.WriteLogger(cast(TextIO, out)))

    def emit(self, record: logging.LogRecord) -> None:
        template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        level = record.levelname.lower() if record.levelno >= logging.DEBUG else "debug"
        write = getattr(self._log, level if level in _METHODS else "error")
        write(template.strip(), logger=record.name, exc_info=record.exc_info)


_METHODS: Final = frozenset({"debug", "info", "warning", "error", "critical"})
