"""Settings: each declared once below, read once at the start, immutable from then on.

``KLAUSUR_<NAME>`` wins over ``klausur.toml`` in the data folder, which wins over the default; options of ``klausur
serve`` win over all. Whatever is unknown, malformed or contradictory stops the start with one sentence.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import shutil
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from klausur.contradictions import contradictions, is_loopback
from klausur.spellings import database_address, issuer, listed, networks, nodes, stamp_address, web_address

PREFIX = "KLAUSUR_"
FILE_NAME = "klausur.toml"
ACCOUNT_KEY_FILE = "account-key"
PROOF_KEY_FILE = "proof-key"
LAST_BACKUP_FILE = "last-backup.json"
_COMMAND_LINE = "command line"
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """``str()`` of it is one sentence that names the setting and says what to do."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


@dataclass(frozen=True, slots=True)
class About:
    """What a declaration says besides name, type, default and help."""

    expects: str
    """Completes "<NAME> must be ..."."""
    secret: bool = False
    bears_on: tuple[str, ...] = ()
    """Ids of the requirements that this setting bears on: rows of the data protection authorities' checklist (DSK)."""
    default: str | None = None
    """In words, where the default depends on something."""


def _setting(
    default: Any,
    description: str,
    expects: str,
    *,
    secret: bool = False,
    shown: str | None = None,
    bears_on: tuple[str, ...] = (),
    **bounds: Any,
) -> Any:
    about = About(expects, secret=secret, bears_on=bears_on, default=shown)
    return Field(default, description=description, examples=[about], **bounds)


_PORT = "a port number from 1 to 65535"
_COUNT = "a whole number above 0"
_FILE = "the path of a file"


class Settings(BaseModel):
    """The declarations, in the order in which they are documented."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)

    public_url: Annotated[str | None, BeforeValidator(web_address)] = _setting(
        None,
        "Where people reach this installation. Without it everything, media included, is bound to this machine "
        "(loopback) and nobody else can reach it. With it, TLS is needed: TLS_CERT and TLS_KEY, or TRUSTED_PROXIES.",
        "a web address of scheme, name and perhaps port, such as https://meet.example.org",
        bears_on=("DSK-T-4.1-02", "DSK-T-4.1-05"),
    )
    host: str | None = _setting(
        None,
        "Address on which to listen.",
        "an IP address",
        shown="loopback without PUBLIC_URL, all addresses with it",
    )
    port: int = _setting(8000, "Port on which to listen.", _PORT, ge=1, le=65535)
    tls_cert: Path | None = _setting(
        None,
        "Certificate chain in PEM, for TLS without a reverse proxy.",
        _FILE,
        bears_on=("DSK-T-4.1-02", "DSK-T-4.1-03"),
    )
    tls_key: Path | None = _setting(
        None, "Private key of TLS_CERT, in PEM.", _FILE, bears_on=("DSK-T-4.1-02", "DSK-T-4.1-03")
    )
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(networks)] = _setting(
        (),
        "Reverse proxies whose X-Forwarded-For is believed. Nobody else's ever is.",
        "IP addresses or networks, separated by commas, such as 10.0.0.5,192.168.7.0/24",
        bears_on=("DSK-T-4.5-10",),
    )
    data: Path = _setting(
        Path("var"),
        f"Folder for the database and for {FILE_NAME}; not to be named in that file.",
        "the path of a folder",
        shown="`./var`",
        bears_on=("DSK-T-4.1-18",),
    )
    database_url: Annotated[str | None, BeforeValidator(database_address)] = _setting(
        None,
        "Database, as SQLAlchemy writes it: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME.",
        "an address that begins with sqlite:/// or postgresql://",
        secret=True,
        shown="`klausur.db` in DATA",
        # With the drivers that SQLAlchemy's own documentation names, too; others than those we bring are not used.
        pattern=r"^(sqlite(\+aiosqlite)?:///.+|postgresql(\+psycopg)?://.+)$",
        bears_on=("DSK-L-2.1-03", "DSK-T-4.1-18"),
    )
    engine: Annotated[tuple[str, ...], BeforeValidator(nodes)] = _setting(
        ("embedded",),
        "The media engine: `embedded` runs LiveKit as a child process; otherwise the addresses of LiveKit nodes, with "
        "ENGINE_KEY and ENGINE_SECRET.",
        "embedded, or web addresses separated by commas, such as http://10.0.0.7:7880",
        shown="`embedded`",
        min_length=1,
        bears_on=("DSK-O-2.1-01", "DSK-L-2.1-03"),
    )
    engine_binary: Path | None = _setting(
        None,
        "The embedded engine's program.",
        _FILE,
        shown="`livekit-server` beside the Python that runs Klausur, else on PATH",
        bears_on=("DSK-T-4.3-03",),
    )
    engine_key: str | None = _setting(
        None, "Name of the API key of outside LiveKit nodes.", "the key's name", secret=True, min_length=1
    )
    engine_secret: str | None = _setting(
        None,
        "Secret of the API key of outside LiveKit nodes.",
        "the key's secret, at least 32 characters",
        secret=True,
        min_length=32,
    )
    media_address: Annotated[tuple[str, ...], BeforeValidator(listed)] = _setting(
        (),
        "Address at which browsers reach this machine's media ports: IPv4, IPv6, or one of each with a comma.",
        "one IPv4 or IPv6 address, or one of each with a comma",
        shown="what the name in PUBLIC_URL resolves to; 127.0.0.1 without one",
        max_length=2,
        bears_on=("DSK-T-4.1-16", "DSK-T-4.1-17"),
    )
    media_udp_port: int = _setting(7882, "UDP port for pictures and sound.", _PORT, ge=1, le=65535)
    media_tcp_port: int = _setting(
        7881,
        "TCP port for pictures and sound where UDP is blocked; not opened without PUBLIC_URL.",
        _PORT,
        ge=1,
        le=65535,
    )
    open_meetings: Literal["accounts", "anyone", "nobody"] = _setting(
        "accounts",
        "Who may open meetings: people with an account (organisers and administrators), anyone, or nobody. Joining "
        "needs the meeting's link in any case.",
        "accounts, anyone or nobody",
        bears_on=("DSK-T-4.2-02",),
    )
    guests: Literal["allowed", "accounts"] = _setting(
        "allowed",
        "Who may join meetings: everybody with the link, or of them only people with an account. A host may ask for an "
        "account in a single meeting, too.",
        "allowed or accounts",
        bears_on=("DSK-T-4.2-02",),
    )
    account_key: str | None = _setting(
        None,
        "Key without which what is held of passwords, backup codes and second factors is of no use to anybody. "
        "Whoever changes or loses it makes all of them void.",
        "at least 32 characters, random",
        secret=True,
        shown="generated once into `account-key` in DATA",
        min_length=32,
    )
    max_participants: int = _setting(200, "People in one meeting at most.", "from 2 to 500", ge=2, le=500)
    oidc_issuer: Annotated[str | None, BeforeValidator(issuer)] = _setting(
        None,
        "The organisation's identity provider (OpenID Connect), by which people can sign in: its issuer, exactly as it "
        "writes it itself. docs/guide/identity-provider.md says how to connect one.",
        "an address that begins with https:// (http:// on this machine), without ? and #",
        bears_on=("DSK-T-4.2-02",),
    )
    oidc_client_id: str | None = _setting(
        None, "By what name the identity provider knows this installation.", "the client's id", min_length=1
    )
    oidc_client_secret: str | None = _setting(
        None, "What this installation proves that with.", "the client's secret", secret=True, min_length=1
    )
    oidc_name: str | None = _setting(
        None,
        'What the button says: "Sign in with <name>".',
        "from 1 to 60 characters",
        shown="the name of the issuer's host",
        min_length=1,
        max_length=60,
    )
    oidc_new_accounts: bool = _setting(
        False,
        "Whether people whom the identity provider knows, and who have no account here, get one when they sign in, as "
        "organisers. Otherwise they connect the account that they have.",
        "yes or no",
        shown="no",
        bears_on=("DSK-T-4.2-02",),
    )
    oidc_name_claim: str = _setting(
        "preferred_username",
        "What of that which the provider tells becomes the sign-in name of a new account.",
        "the name of a claim",
        pattern=r"^[A-Za-z0-9_.:/-]{1,100}$",
    )
    oidc_second_factor: Annotated[tuple[str, ...], BeforeValidator(listed)] = _setting(
        (),
        "Values of `amr` or `acr` in the provider's tokens by which it says that it has asked for a second factor. "
        "Without them whoever signs in by the provider cannot administer.",
        "values, separated by commas, such as mfa,hwk",
        shown="none: its word is not taken for it",
        bears_on=("DSK-T-4.2-02",),
    )
    operator_name: str = _setting(
        "",
        "Who runs this installation, for the foot of the pages, the privacy notice and the imprint.",
        "at most 200 characters",
        max_length=200,
        bears_on=("DSK-L-3.3-03", "DSK-L-3.5.1-18"),
    )
    operator_contact: str = _setting(
        "",
        "How to reach them: postal address, e-mail, telephone; line breaks are kept.",
        "at most 1000 characters",
        max_length=1000,
        bears_on=("DSK-L-3.5.1-18",),
    )
    language: Literal["de", "en"] = _setting(
        "en", "Language for browsers that ask for neither English nor German.", "de or en", bears_on=("DSK-L-3.5.1-02",)
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info",
        "How much is logged. No level logs anything about a person.",
        "debug, info, warning or error",
        bears_on=("DSK-T-4.5-10",),
    )
    metrics_port: int | None = _setting(
        None,
        "Port on loopback for Prometheus' metrics at /metrics. They name nobody.",
        _PORT,
        shown="none: there are no metrics",
        ge=1,
        le=65535,
        bears_on=("DSK-T-4.5-06", "DSK-T-4.5-27"),
    )
    backup_passphrase: str | None = _setting(
        None,
        "What `klausur backup` encrypts with, and `klausur restore` decrypts; asked for on the terminal where it is "
        "not set. Keep it somewhere else than the backups.",
        "at least 12 characters",
        secret=True,
        shown="none: asked for",
        min_length=12,
        bears_on=("DSK-T-4.1-18",),
    )
    backup_recipient: Annotated[tuple[str, ...], BeforeValidator(listed)] = _setting(
        (),
        "Public keys of age that `klausur backup` encrypts for, instead of with a passphrase: who has no secret key "
        "cannot read backups, this machine included.",
        "public keys of age, such as age1…, separated by commas",
        bears_on=("DSK-T-4.1-18",),
    )
    backups: Path | None = _setting(
        None,
        "Folder in which what `klausur backup` writes lies in the end: the daily check looks there whether the last "
        "one is whole and how old it is. Without it nobody knows whether there are any.",
        "the path of a folder",
        bears_on=("DSK-O-2.1-02", "DSK-O-3.1-03", "DSK-T-3.1-04"),
    )
    backup_days: int = _setting(
        7, "How old the last one in BACKUPS may be, in days.", "from 1 to 90", ge=1, le=90, bears_on=("DSK-O-2.1-02",)
    )
    tsa_url: Annotated[str | None, BeforeValidator(stamp_address)] = _setting(
        None,
        "Time-stamping authority (RFC 3161) that confirms when a checkpoint of the ledger of evidence was there. It is "
        "asked once for each checkpoint, and learns a hash and this machine's address, nothing else.",
        "an address that begins with https:// or http://",
        shown="none: nobody is asked",
        bears_on=("DSK-O-4.5-32", "DSK-T-2.2-03"),
    )
    tsa_certificate: Path | None = _setting(
        None,
        "Root certificate of TSA_URL, and those between it and the one that signs, in PEM: what it answers is believed "
        "only as far as it holds against them.",
        _FILE,
        bears_on=("DSK-O-4.5-32",),
    )
    advisories: Annotated[tuple[str, ...], BeforeValidator(listed)] = _setting(
        (),
        "Files with all known vulnerabilities of Python, npm and Go packages in OSV's format: ZIP archives as OSV "
        "gives them out (`all.zip` of PyPI, npm and Go), or JSON lists. Klausur fetches nothing itself; without them "
        "nobody knows whether a component has become dangerous.",
        "paths of files, separated by commas",
        bears_on=("DSK-T-4.3-04", "DSK-O-3.1-03"),
    )
    advisories_days: int = _setting(
        14,
        "How old the newest of ADVISORIES may be, in days, to be of use.",
        "from 1 to 90",
        ge=1,
        le=90,
        bears_on=("DSK-T-4.3-04",),
    )
    check_at: str = _setting(
        "03:30",
        "When this installation tests itself every day, by this machine's clock: as `klausur check` does, in a process "
        "of its own that gives way to all others. With `off` it only judges once a day what is known, so that evidence "
        "that has become too old does not look young.",
        "a time of day such as 03:30, or off",
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|off)$",
        bears_on=("DSK-O-4.5-32",),
    )
    evidence_days: int = _setting(
        400,
        "Days for which evidence of the proof is kept. Then it is erased from the ledger, which says so and stays "
        "intact; what verdicts rest on stays until something newer takes its place. What people said goes, with the "
        "files they attached, once it has been withdrawn, replaced or over for so many days.",
        "from 90 to 3660",
        ge=90,
        le=3660,
        bears_on=("DSK-O-4.5-32", "DSK-T-2.2-03"),
    )
    limit_openings: int = _setting(
        60, "Meetings opened per network (IPv4 address, IPv6 /64) and 10 minutes.", _COUNT, ge=1
    )
    limit_knocks: int = _setting(
        300, "Seats asked for per network and minute.", _COUNT, ge=1, bears_on=("DSK-T-4.2.1-03",)
    )
    limit_meeting_knocks: int = _setting(
        600,
        "Seats asked for per meeting and minute, from all networks together. More than the largest meeting holds.",
        _COUNT,
        ge=1,
        bears_on=("DSK-T-4.2.1-03",),
    )
    limit_tickets: int = _setting(
        300,
        "Wrong addresses of meetings tried, and tickets asked for with a wrong seat secret, per network and minute.",
        _COUNT,
        ge=1,
        bears_on=("DSK-T-4.2.3-04",),
    )
    limit_signins: int = _setting(
        60,
        "Attempts to sign in per network and minute. Besides, every failure makes the next attempt wait longer, by "
        "name and by network.",
        _COUNT,
        ge=1,
        bears_on=("DSK-T-4.2-02",),
    )
    limit_sockets: int = _setting(400, "Open WebSockets per network; a person in a call has two.", _COUNT, ge=2)
    limit_event_bytes: int = _setting(
        64 * 1024,
        "Bytes in a message on the events socket.",
        "from 16384 to 2097152",
        ge=16 * 1024,
        le=2 * 1024 * 1024,
    )
    limit_signal_bytes: int = _setting(
        2 * 1024 * 1024,
        "Bytes in a message on the signalling socket.",
        "from 262144 to 2097152",
        ge=256 * 1024,
        le=2 * 1024 * 1024,
    )
    limit_messages: int = _setting(50, "Messages on a socket per second.", "from 10 up", ge=10)
    limit_body: int = _setting(256 * 1024, "Bytes in the body of a request.", "from 16384 up", ge=16 * 1024)

    # -- what follows from them

    @property
    def local(self) -> bool:
        """Nobody but this machine is meant to reach us."""
        name = self.site.hostname if self.public_url else "localhost"
        return name == "localhost" or is_loopback(str(name))

    @property
    def site(self) -> SplitResult:
        scheme = "https" if self.own_tls else "http"
        return urlsplit(self.public_url or f"{scheme}://localhost:{self.port}")

    @property
    def own_tls(self) -> bool:
        return self.tls_cert is not None

    @property
    def secure(self) -> bool:
        """Browsers reach us by TLS."""
        return self.own_tls or self.site.scheme == "https"

    @property
    def origins(self) -> frozenset[str]:
        """Of our own pages, as browsers write them."""
        scheme = "https" if self.own_tls else "http"
        loopback = {_origin(scheme, f"{name}:{self.port}") for name in _LOOPBACK_NAMES} if self.local else set()
        return frozenset({_origin(self.site.scheme, self.site.netloc)} | loopback)

    @property
    def listen(self) -> tuple[str, ...]:
        if self.host is not None:
            return (self.host,)
        return ("127.0.0.1", "::1") if self.local else ("0.0.0.0", "::")  # noqa: S104 - all of them is what it means

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data.absolute() / 'klausur.db'}"

    @property
    def embedded(self) -> bool:
        return self.engine == ("embedded",)

    @property
    def engine_program(self) -> Path:
        beside = Path(sys.executable).with_name("livekit-server")
        found = self.engine_binary or (beside if beside.exists() else shutil.which("livekit-server"))
        return Path(found or "livekit-server")


def _origin(scheme: str, netloc: str) -> str:
    """Browsers leave a scheme's own port away."""
    own_port = {"http": ":80", "https": ":443"}[scheme]
    return f"{scheme}://{netloc.removesuffix(own_port)}"


# -- handing on -------------------------------------------------------------------------------------------------------


def for_children(settings: Settings, origins: Mapping[str, str]) -> Mapping[str, str]:
    """The environment of a command of ours that is to have these settings: ours, and what our command line said."""
    said = {name: str(getattr(settings, name)) for name, origin in origins.items() if origin == _COMMAND_LINE}
    said["data"] = str(settings.data.absolute())
    return {**os.environ, **{f"{PREFIX}{name.upper()}": value for name, value in said.items()}}  # noqa: TID251 - as below


# -- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loaded:
    settings: Settings
    origins: Mapping[str, str]
    """Where each value came from: ``default``, ``klausur.toml``, the variable's name, or ``command line``."""


def read(options: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Loaded:
    """``options``: what the command line says, None where it says nothing. Raises SettingsError."""
    given = os.environ if environment is None else environment  # noqa: TID251 - this is the place
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    from_environment = _from_environment(given)
    chosen = {name: value for name, value in (options or {}).items() if value is not None}
    folder = Path(chosen.get("data") or from_environment.get("data", ("", "var"))[1])
    for name, value in _from_file(folder / FILE_NAME).items():
        values[name], origins[name] = value, FILE_NAME
    for name, (variable, text) in from_environment.items():
        values[name], origins[name] = text, variable
    for name, value in chosen.items():
        values[name], origins[name] = value, _COMMAND_LINE
    settings = _validated(values, origins)
    _check(settings)
    return Loaded(settings, origins)


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Variable and text by setting."""
    found: dict[str, tuple[str, str]] = {}
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or not environment[variable]:
            continue  # an empty variable is how compose files say that there is none
        name = variable.removeprefix(PREFIX).lower()
        is_file = name not in Settings.model_fields and name.endswith("_file")
        name = name.removesuffix("_file") if is_file else name
        if name not in Settings.model_fields or variable != variable.upper():
            raise SettingsError(variable, f"{variable} is not a setting{_meant(name, upper=True)}; please remove it.")
        if is_file and not _about(name).secret:
            raise SettingsError(variable, f"{variable} is not a setting: only secrets are read from files.")
        if name in found:
            sentence = f"{PREFIX}{name.upper()} and {PREFIX}{name.upper()}_FILE are both set; please keep one."
            raise SettingsError(name.upper(), sentence)
        found[name] = (variable, _contents(variable, environment[variable]) if is_file else environment[variable])
    return found


def _contents(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SettingsError(variable, f"{variable} names a file that cannot be read: {path}.") from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(FILE_NAME, f"{path} cannot be read ({error.strerror}); please check who owns it.") from None
    except ValueError as error:
        raise SettingsError(FILE_NAME, f"{path} is not TOML: {error}.") from None
    for name in values:
        if name not in Settings.model_fields:
            raise SettingsError(name, f"{path} has no such setting as {name}{_meant(name)}; please remove it.")
        if name == "data":
            raise SettingsError("DATA", f"{path} cannot say where the data folder is: it lies in it; set {PREFIX}DATA.")
    return values


def _meant(name: str, *, upper: bool = False) -> str:
    close = difflib.get_close_matches(name.lower(), Settings.model_fields, n=1)
    if not close:
        return ""
    return f" (did you mean {PREFIX + close[0].upper() if upper else close[0]}?)"


def _validated(values: Mapping[str, Any], origins: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
    about = _about(name)
    told = "" if about.secret else f", not {str(values[name])[:100]!r}"
    raise SettingsError(name.upper(), f"{name.upper()} ({origins[name]}) must be {about.expects}{told}.")


def _check(settings: Settings) -> None:
    """What single values do not show."""
    for name, sentence in contradictions(settings):
        raise SettingsError(name, sentence)


# -- showing ----------------------------------------------------------------------------------------------------------


def _about(name: str) -> About:
    return about_field(Settings.model_fields[name])


def about_field(field: FieldInfo) -> About:
    return cast(About, cast(list[Any], field.examples)[0])


@dataclass(frozen=True, slots=True)
class Shown:
    name: str
    value: str
    origin: str
    secret: bool
    help: str


def show(loaded: Loaded) -> Sequence[Shown]:
    """All settings, without what is secret."""
    return [
        Shown(
            name=name.upper(),
            value=_shown_value(getattr(loaded.settings, name), _about(name)),
            origin=loaded.origins[name],
            secret=_about(name).secret,
            help=Settings.model_fields[name].description or "",
        )
        for name in Settings.model_fields
    ]


def plain(settings: Settings) -> Mapping[str, object]:
    """What is in effect, by name in small letters, as JSON has it and without secrets: these are kept for years."""
    told = settings.model_copy(update={"data": settings.data.absolute()}).model_dump(mode="json")
    return {name: value for name, value in told.items() if not _about(name).secret}


def _shown_value(value: object, about: About) -> str:
    if about.secret and value is not None:
        return "(secret)"
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
