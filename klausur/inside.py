"""What administrators may look at of the installation itself: settings in force, and the state of the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from klausur.api.parts import Effective, EngineState, Inside
from klausur.domain.errors import EngineUnavailable
from klausur.domain.ports import MediaEngine
from klausur.media import preflight
from klausur.media.nodes import Engine
from klausur.settings import FILE_NAME, Loaded, Settings, Shown, show


def look_inside(settings: Settings, origins: Mapping[str, str], engine: Engine, rooms: MediaEngine) -> Inside:
    """``origins``: as ``settings.read`` tells them; what it does not name is taken for a default."""

    async def state() -> EngineState:
        return await _state(settings, engine, rooms)

    return Inside(lambda: _effective(settings, origins), state)


def _effective(settings: Settings, origins: Mapping[str, str]) -> Sequence[Effective]:
    loaded = Loaded(settings, {name: origins.get(name, "default") for name in Settings.model_fields})
    return [
        Effective(one.name, None if one.secret else one.value, _origin(one, settings), one.secret, one.help)
        for one in show(loaded)
    ]


def _origin(one: Shown, settings: Settings) -> str:
    if one.name == "ACCOUNT_KEY" and settings.account_key is None:
        return "generated"
    known = {"default": "default", FILE_NAME: "file", "command line": "option"}
    return known.get(one.origin, "environment")


async def _state(settings: Settings, engine: Engine, rooms: MediaEngine) -> EngineState:
    count = await _rooms(rooms)
    program = str(settings.engine_program.absolute())
    return EngineState(
        kind="embedded" if settings.embedded else "outside",
        healthy=engine.healthy and count is not None,
        version=await preflight.version_of(program) if settings.embedded else None,
        nodes=1 if settings.embedded else len(settings.engine),
        rooms=count,
    )


async def _rooms(rooms: MediaEngine) -> int | None:
    try:
        return len(await rooms.rooms())
    except EngineUnavailable:
        return None
