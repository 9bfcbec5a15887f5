"""What stands on every answer, whoever gave it: pages, JSON, refusals, assets, sockets."""

from __future__ import annotations

from typing import Final

from klausur.api.asgi import App, Headers, Message, Receive, Scope, Send

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types svelte-trusted-html klausur",
    )
)

_OURS: Final = (
    "autoplay",
    "camera",
    "clipboard-write",
    "display-capture",
    "fullscreen",
    "microphone",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "speaker-selection",
)
# What document.featurePolicy.features() of Chromium 156.0.8078.79 on Linux named on 2026-11-22, and what it takes in
# this header without a word on the console. Left at their defaults: client hints, sent to those who ask; the
# local-network features, because the media engine may stand at what a browser calls a local address; unload, which
# libraries listen for; and media-playback-while-not-visible, which would silence a call in a background tab.
_NOBODYS: Final = (
    "accelerometer",
    "aria-notify",
    "browsing-topics",
    "captured-surface-control",
    "clipboard-read",
    "compute-pressure",
    "cross-origin-isolated",
    "deferred-fetch",
    "deferred-fetch-minimal",
    "digital-credentials-create",
    "digital-credentials-get",
    "encrypted-media",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "interest-cohort",
    "keyboard-map",
    "language-detector",
    "language-model",
    "local-fonts",
    "magnetometer",
    "midi",
    "on-device-speech-recognition",
    "otp-credentials",
    "payment",
    "private-state-token-issuance",
    "private-state-token-redemption",
    "serial",
    "storage-access",
    "summarizer",
    "sync-xhr",
    "translator",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
_FEATURES: Final = ", ".join([f"{name}=(self)" for name in _OURS] + [f"{name}=()" for name in _NOBODYS])

ALWAYS: Final[Headers] = [
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"permissions-policy", _FEATURES.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
WITH_WEBASSEMBLY: Final = (
    b"content-security-policy",
    _POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'").encode(),
)
"""In place of the standing one, for a worker's own script: it counts for that worker alone, never for a page."""
UNDER_TLS: Final = (b"strict-transport-security", b"max-age=31536000")
UNSTORED: Final = (b"cache-control", b"no-store")

_STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})


class StandingHeaders:
    def __init__(self, app: App, *, tls: bool) -> None:
        self._app = app
        self._standing = standing(tls=tls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add(message: Message) -> None:
            if message["type"] in _STARTS:
                given: Headers = list(message.get("headers", []))
                names = {name.lower() for name, _ in given}
                message["headers"] = given + [pair for pair in self._standing if pair[0] not in names]
            await send(message)

        await self._app(scope, receive, add)


def standing(*, tls: bool) -> Headers:
    return [*ALWAYS, UNSTORED, *([UNDER_TLS] if tls else [])]
