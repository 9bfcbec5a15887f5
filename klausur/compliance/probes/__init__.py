"""One file per probe, all alike; docs/guide/writing-a-probe.md is the checklist. ALL is every one that this release
has; what the catalogue binds and is not in it has not been built, and is shown so."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from klausur.compliance.probes import (
    auth_admin_second_factor,
    auth_password_policy,
    auth_sessions_revocable,
    authz_admin_sees_no_content,
    authz_guests_can_be_forbidden,
    authz_matrix,
    authz_moderation,
    authz_openers,
    authz_removed_stays_out,
    config_defaults,
    config_drift,
    config_guests,
    config_logging,
    config_openers,
    content_not_stored,
    db_inventory,
    e2ee_no_server_keys,
    facts_complete,
    http_cookies,
    http_csp,
    http_headers,
    links_entropy,
    links_guessing,
    links_uniform,
    lobby_isolation,
    media_ice_servers,
    notice_reachable,
    proof_ledger,
    rights_erase,
    rights_export,
    log_canary,
    media_addresses_hidden,
    supply_assets,
    supply_no_telemetry,
    supply_sbom,
)
from klausur.compliance.probing import Probe

    retention_canary,
    retention_guest,
ALL: Final[Mapping[str, Probe]] = MappingProxyType(
    {
        module.PROBE.id: module.PROBE
        for module in (
            auth_admin_second_factor,
            auth_password_policy,
            auth_sessions_revocable,
            authz_admin_sees_no_content,
            authz_guests_can_be_forbidden,
            authz_matrix,
            authz_moderation,
            authz_openers,
            authz_removed_stays_out,
            config_defaults,
            config_drift,
            config_guests,
            config_logging,
            config_openers,
            content_not_stored,
            db_inventory,
            e2ee_no_server_keys,
            facts_complete,
            http_cookies,
            http_csp,
            http_headers,
            links_entropy,
            links_guessing,
            links_uniform,
            lobby_isolation,
            media_ice_servers,
            notice_reachable,
            proof_ledger,
            rights_erase,
            rights_export,
            supply_assets,
            supply_no_telemetry,
            supply_sbom,
        )
    }
)
            log_canary,
            media_addresses_hidden,
            retention_canary,
            retention_guest,
