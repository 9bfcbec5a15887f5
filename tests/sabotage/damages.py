"""The table: every way in which an installation is damaged."""

from __future__ import annotations

from typing import Final

from tests.sabotage.damage import Damage
from tests.sabotage.damages_browser import BROWSER
from tests.sabotage.damages_data import BACKUP, COLUMNS, DRIFT, LOGS, PEOPLES_RIGHTS, RETENTION, TRAIL
from tests.sabotage.damages_doors import HEADERS, LINKS, LOBBY, POWERS, SIGNIN
from tests.sabotage.damages_release import SUPPLY, TLS

DAMAGES: Final[tuple[Damage, ...]] = (
    *HEADERS,
    *LINKS,
    *LOBBY,
    *POWERS,
    *SIGNIN,
    *RETENTION,
    *LOGS,
    *COLUMNS,
    *PEOPLES_RIGHTS,
    *TRAIL,
    *DRIFT,
    *BACKUP,
    *SUPPLY,
    *TLS,
    *BROWSER,
)
