"""Whom the check believes that they are who they say."""

from __future__ import annotations

import ssl

import certifi


def trusting() -> ssl.SSLContext:
    """As browsers here do: the authorities of this machine, an organisation's own among them, and Mozilla's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
