"""The closed list of facts: what the catalogue may make rows conditional on, and what documents are written from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from klausur.compliance.facts import Choice, Derivation, FactSpec, Kind
from klausur.compliance.model import FactValue
from klausur.compliance.words import Text


def _never(_: Mapping[str, object]) -> FactValue:
    """This release cannot do it at all."""
    return False


def _guests_allowed(settings: Mapping[str, object]) -> FactValue | None:
    return settings["guests"] == "allowed" if "guests" in settings else None


def _provider_used(settings: Mapping[str, object]) -> FactValue | None:
    return settings["oidc_issuer"] is not None if "oidc_issuer" in settings else None


def _social_login_used(settings: Mapping[str, object]) -> FactValue | None:
    """Without an identity provider nobody can sign in by one; what kind of provider it is, only people know."""
    return False if _provider_used(settings) is False else None


def _statistics_collected(settings: Mapping[str, object]) -> FactValue | None:
    return settings["metrics_port"] is not None if "metrics_port" in settings else None


def _said(setting: str) -> Derivation:
    """What the setting says; None where it is empty."""

    def read(settings: Mapping[str, object]) -> FactValue | None:
        value = settings.get(setting)
        return value.strip() or None if isinstance(value, str) else None

    return read


def _yes_no(key: str, question: Text, help: Text, derive: Derivation | None = None) -> FactSpec:  # noqa: A002
    return FactSpec(key, Kind.YES_NO, question, help, derive=derive)


def _text(key: str, max_length: int, question: Text, help: Text, derive: Derivation | None = None) -> FactSpec:  # noqa: A002
    return FactSpec(key, Kind.TEXT, question, help, max_length=max_length, derive=derive)


_ABSENT: Final = Text(
    de="Diese Version von Klausur kann das nicht; die Antwort ergibt sich daraus.",
    en="This release of Klausur cannot do that; the answer follows from it.",
)


def _absent(key: str, question: Text) -> FactSpec:
    return _yes_no(key, question, _ABSENT, _never)


_WHAT_IT_IS: Final = (
    FactSpec(
        "operating_model",
        Kind.CHOICE,
        Text(de="Wie wird das Videokonferenzsystem betrieben?", en="How is the video conferencing system run?"),
        Text(
            de="Die drei Betriebsmodelle der Orientierungshilfe. Wer Klausur auf eigenen oder selbst verwalteten "
            "gemieteten Servern betreibt, betreibt es selbst.",
            en="The guidance's three operating models. Whoever runs Klausur on servers of their own, or on rented ones "
            "that they administer, runs it themselves.",
        ),
        (
            Choice("self", Text(de="selbst betrieben", en="by ourselves")),
            Choice("external", Text(de="durch einen IT-Dienstleister für uns", en="by an IT provider for us")),
            Choice("online", Text(de="als Online-Dienst gebucht", en="booked as an online service")),
        ),
    ),
    FactSpec(
        "body_type",
        Kind.CHOICE,
        Text(de="Was für eine Stelle ist verantwortlich?", en="What kind of body is responsible?"),
        Text(
            de="Behörden und andere öffentliche Stellen dürfen sich für ihre Aufgaben nicht auf berechtigte Interessen "
            "stützen.",
            en="Authorities and other public bodies cannot rely on legitimate interests for their tasks.",
        ),
        (
            Choice(
                "private", Text(de="nichtöffentliche Stelle (Unternehmen, Verein)", en="private (company, association)")
            ),
            Choice("public", Text(de="öffentliche Stelle (Behörde, Schule)", en="public (authority, school)")),
        ),
    ),
)

_WHAT_IT_CAN: Final = (
    _yes_no(
        "guests_allowed",
        Text(de="Dürfen Gäste ohne Konto teilnehmen?", en="May guests take part without an account?"),
        Text(de="Folgt aus der Einstellung GUESTS.", en="Follows from the setting GUESTS."),
        _guests_allowed,
    ),
    _absent("recording_offered", Text(de="Können Besprechungen aufgezeichnet werden?", en="Can meetings be recorded?")),
    _absent(
        "transcription_offered",
        Text(de="Kann Gesprochenes mitgeschrieben werden?", en="Can what is said be transcribed?"),
    ),
    _absent("streaming_offered", Text(de="Können Besprechungen übertragen werden?", en="Can meetings be streamed?")),
    _absent("dial_in_offered", Text(de="Ist die Einwahl per Telefon möglich?", en="Can people dial in by telephone?")),
    _absent("chat_offered", Text(de="Gibt es einen Chat?", en="Is there a chat?")),
    _absent("file_transfer_offered", Text(de="Lassen sich Dateien austauschen?", en="Can files be exchanged?")),
    _absent("breakout_offered", Text(de="Gibt es Gruppenräume?", en="Are there breakout rooms?")),
    _absent("whiteboard_offered", Text(de="Gibt es eine gemeinsame Tafel?", en="Is there a whiteboard?")),
    _absent(
        "native_client_offered",
        Text(de="Wird ein eigenes Programm zum Installieren angeboten?", en="Is a program of its own to be installed?"),
    ),
    _absent(
        "ai_functions_offered",
        Text(
            de="Gibt es Funktionen mit künstlicher Intelligenz?", en="Are there functions of artificial intelligence?"
        ),
    ),
    _yes_no(
        "identity_provider_used",
        Text(
            de="Melden sich Personen über einen Anmeldedienst der Organisation an?",
            en="Do people sign in by an identity provider of the organisation?",
        ),
        Text(de="Folgt aus der Einstellung OIDC_ISSUER.", en="Follows from the setting OIDC_ISSUER."),
        _provider_used,
    ),
    _yes_no(
        "social_login_used",
        Text(
            de="Ist dieser Anmeldedienst ein soziales Netzwerk oder ein Werbeunternehmen?",
            en="Is that identity provider a social network or an advertising company?",
        ),
        Text(
            de="Ohne Anmeldedienst ist die Antwort nein. Sonst wissen nur Sie es.",
            en="Without an identity provider the answer is no. Otherwise only you know.",
        ),
        _social_login_used,
    ),
    _yes_no(
        "statistics_collected",
        Text(de="Werden Messwerte des Betriebs gesammelt?", en="Are figures of the operation collected?"),
        Text(
            de="Folgt aus der Einstellung METRICS_PORT. Diese Messwerte nennen niemanden.",
            en="Follows from the setting METRICS_PORT. These figures name nobody.",
        ),
        _statistics_collected,
    ),
)

_WHO_ELSE: Final = (
    _yes_no(
        "multi_tenant",
        Text(
            de="Nutzen mehrere Organisationen diese Installation getrennt voneinander?",
            en="Do several organisations use this installation apart from each other?",
        ),
        Text(
            de="Gemeint sind Organisationen mit eigener Verantwortung, nicht Abteilungen oder eingeladene Gäste.",
            en="Organisations with a responsibility of their own, not departments or guests who are invited.",
        ),
    ),
    _yes_no(
        "joint_controllers",
        Text(
            de="Legen Sie Zwecke und Mittel gemeinsam mit anderen fest?",
            en="Do you determine purposes and means together with others?",
        ),
        Text(de="Gemeinsame Verantwortung nach Art. 26 DSGVO.", en="Joint controllers after Art. 26 GDPR."),
    ),
    _yes_no(
        "processors_used",
        Text(
            de="Verarbeiten Dienstleister in Ihrem Auftrag Daten des Systems?",
            en="Do service providers process data of the system on your behalf?",
        ),
        Text(
            de="Zum Beispiel Betrieb, Fernwartung, Sicherung, E-Mail-Versand.",
            en="For example operation, remote support, backup, sending of mail.",
        ),
    ),
    _yes_no(
        "hosting_by_others",
        Text(
            de="Steht der Server bei einem anderen Unternehmen?",
            en="Does the server stand with another company?",
        ),
        Text(
            de="Auch ein gemieteter Server, den nur Sie verwalten, steht bei einem anderen.",
            en="A rented server that only you administer stands with another company, too.",
        ),
    ),
    _yes_no(
        "third_country_transfers",
        Text(
            de="Gelangen personenbezogene Daten in ein Land außerhalb der EU und des EWR?",
            en="Do personal data reach a country outside the EU and the EEA?",
        ),
        Text(
            de="Auch durch Fernzugriff oder durch einen Dienstleister, dessen Mutterunternehmen dort sitzt.",
            en="By remote access, too, or by a provider whose parent company sits there.",
        ),
    ),
)

_WHO_TAKES_PART: Final = (
    _yes_no(
        "special_categories",
        Text(
            de="Kommen besonders schutzbedürftige Daten zur Sprache (hohes Risiko)?",
            en="Are specially protected data talked about (high risk)?",
        ),
        Text(
            de="Gesundheit, Religion, Gewerkschaft, politische Meinung, Sexualleben und anderes aus Art. 9 DSGVO.",
            en="Health, religion, trade union, political opinion, sex life and the rest of Art. 9 GDPR.",
        ),
    ),
    _yes_no(
        "minors",
        Text(de="Nehmen Minderjährige teil?", en="Do minors take part?"),
        Text(de="Zum Beispiel im Unterricht oder in der Beratung.", en="For example in lessons or counselling."),
    ),
    _yes_no(
        "employees_take_part",
        Text(de="Nehmen eigene Beschäftigte teil?", en="Do employees of yours take part?"),
        Text(
            de="Auch Bewerbungs- und Personalgespräche zählen dazu.",
            en="Job interviews and personnel talks count, too.",
        ),
    ),
    _yes_no(
        "works_council_exists",
        Text(de="Gibt es einen Betriebs- oder Personalrat?", en="Is there a works or staff council?"),
        Text(
            de="Er hat bei der Einführung mitzubestimmen.",
            en="It has a say in the introduction.",
        ),
    ),
    _yes_no(
        "secrecy_profession",
        Text(
            de="Unterliegen Teilnehmende einem Berufsgeheimnis (§ 203 StGB)?",
            en="Are participants bound by professional secrecy (section 203 of the German Criminal Code)?",
        ),
        Text(
            de="Zum Beispiel Ärztinnen, Anwälte, Beratungsstellen.",
            en="For example physicians, lawyers, counselling.",
        ),
    ),
    _yes_no(
        "consent_used",
        Text(
            de="Stützen Sie Verarbeitungen auf eine Einwilligung?",
            en="Do you rely on consent for any processing?",
        ),
        Text(de="Art. 6 Abs. 1 Buchst. a DSGVO.", en="Art. 6(1)(a) GDPR."),
    ),
    _yes_no(
        "legitimate_interest_used",
        Text(
            de="Stützen Sie Verarbeitungen auf berechtigte Interessen?",
            en="Do you rely on legitimate interests for any processing?",
        ),
        Text(de="Art. 6 Abs. 1 Buchst. f DSGVO.", en="Art. 6(1)(f) GDPR."),
    ),
    _yes_no(
        "meetings_planned_by_mail",
        Text(de="Laden Sie per E-Mail oder Kalender ein?", en="Do you invite by mail or calendar?"),
        Text(
            de="Dann gelangen Einladungslinks in die Postfächer der Eingeladenen.",
            en="Then links of meetings reach the mailboxes of those invited.",
        ),
    ),
)

_IN_WORDS: Final = (
    _text(
        "controller_name",
        200,
        Text(de="Wer ist verantwortlich?", en="Who is the controller?"),
        Text(
            de="Name oder Firma mit Rechtsform. Folgt aus der Einstellung OPERATOR_NAME, wenn sie gesetzt ist; nur "
            "dann steht sie auch im Datenschutzhinweis.",
            en="Name or company with its legal form. Follows from the setting OPERATOR_NAME where that is set; only "
            "then does the privacy notice name it, too.",
        ),
        _said("operator_name"),
    ),
    _text(
        "controller_address",
        500,
        Text(de="Unter welcher Anschrift?", en="At what address?"),
        Text(de="Die ladungsfähige Postanschrift.", en="The postal address at which documents can be served."),
    ),
    _text(
        "controller_representative",
        300,
        Text(de="Wer vertritt die verantwortliche Stelle?", en="Who represents the controller?"),
        Text(de="Namen der gesetzlich Vertretenden.", en="Names of its legal representatives."),
    ),
    _text(
        "contact",
        1000,
        Text(de="Wie ist die verantwortliche Stelle zu erreichen?", en="How can the controller be reached?"),
        Text(
            de="E-Mail und Telefon. Folgt aus der Einstellung OPERATOR_CONTACT, wenn sie gesetzt ist; nur dann steht "
            "beides auch im Datenschutzhinweis.",
            en="Mail and telephone. Follows from the setting OPERATOR_CONTACT where that is set; only then does the "
            "privacy notice name them, too.",
        ),
        _said("operator_contact"),
    ),
    _text(
        "dpo_contact",
        500,
        Text(
            de="Wie ist die oder der Datenschutzbeauftragte zu erreichen?",
            en="How can the data protection officer be reached?",
        ),
        Text(
            de="Ein Name ist nicht nötig. Gibt es niemanden, schreiben Sie das mit dem Grund.",
            en="No name is needed. If there is nobody, write that with the reason.",
        ),
    ),
    _text(
        "supervisory_authority",
        300,
        Text(de="Welche Aufsichtsbehörde ist zuständig?", en="Which supervisory authority is responsible?"),
        Text(de="Die Ihres Sitzlandes.", en="That of your seat."),
    ),
    _text(
        "purposes",
        4000,
        Text(de="Wozu finden die Besprechungen statt?", en="What are the meetings for?"),
        Text(
            de="Je Zweck eine Zeile: Dienstbesprechungen, Beratung, Unterricht, Bewerbungsgespräche …",
            en="One line per purpose: work meetings, counselling, lessons, job interviews …",
        ),
    ),
    _text(
        "legal_bases",
        4000,
        Text(de="Auf welcher Rechtsgrundlage?", en="On what legal basis?"),
        Text(
            de="Je Zweck eine Zeile, mit Artikel und Buchstabe, als öffentliche Stelle mit der nationalen Vorschrift.",
            en="One line per purpose, with article and letter, for public bodies with the national provision.",
        ),
    ),
    _text(
        "legitimate_interests",
        2000,
        Text(de="Welche berechtigten Interessen verfolgen Sie?", en="Which legitimate interests do you pursue?"),
        Text(de="Nur wenn Sie sich auf solche stützen.", en="Only where you rely on such."),
    ),
    _text(
        "data_subjects",
        2000,
        Text(de="Wessen Daten werden verarbeitet?", en="Whose data are processed?"),
        Text(
            de="Auch Personen, über die gesprochen wird oder die im Bild zu sehen sind.",
            en="Those, too, who are talked about or seen in the picture.",
        ),
    ),
    _text(
        "hosting",
        1000,
        Text(de="Wo steht der Server, und wer verwaltet ihn?", en="Where does the server stand, who administers it?"),
        Text(de="Unternehmen, Ort, Land.", en="Company, place, country."),
    ),
    _text(
        "processors",
        4000,
        Text(de="Welche Dienstleister verarbeiten Daten für Sie?", en="Which providers process data for you?"),
        Text(
            de="Je Zeile: Name, Sitz und Land, Mutterunternehmen mit Land, Aufgabe, Datum des Vertrags.",
            en="One per line: name, seat and country, parent company with country, task, date of the contract.",
        ),
    ),
    _text(
        "recipients",
        2000,
        Text(de="Wer erhält sonst noch Daten?", en="Who else receives data?"),
        Text(
            de="Die Teilnehmenden selbst gehören dazu; Sicherungen und Anmeldedienst nicht vergessen.",
            en="The participants themselves are among them; do not forget backups and identity provider.",
        ),
    ),
    _text(
        "transfers",
        2000,
        Text(
            de="Wohin außerhalb der EU und des EWR gelangen Daten, und mit welchen Garantien?",
            en="Where outside the EU and the EEA do data go, and with what safeguards?",
        ),
        Text(de="Nur wenn es solche Übermittlungen gibt.", en="Only where there are such transfers."),
    ),
    _text(
        "joint_controllers_named",
        2000,
        Text(de="Mit wem sind Sie gemeinsam verantwortlich?", en="With whom are you jointly responsible?"),
        Text(
            de="Namen, und wer welche Pflicht übernimmt.",
            en="Names, and who takes on which duty.",
        ),
    ),
    _text(
        "operators_named",
        1000,
        Text(de="Wer betreibt das System, wer vertritt diese Personen?", en="Who runs the system, who stands in?"),
        Text(de="Namen oder Funktionen.", en="Names or functions."),
    ),
    _text(
        "operating_model_reasons",
        2000,
        Text(de="Warum dieses Betriebsmodell?", en="Why this operating model?"),
        Text(de="Zwei, drei Sätze genügen.", en="Two or three sentences are enough."),
    ),
    _text(
        "alternative_to_video",
        1000,
        Text(
            de="Wie kann jemand teilnehmen, ohne sich zu zeigen oder überhaupt per Video?",
            en="How can somebody take part without being seen, or without video at all?",
        ),
        Text(de="Zum Beispiel Termin vor Ort, Telefon, ohne Kamera.", en="For example on site, by phone, camera off."),
    ),
)

GROUPS: Final[tuple[tuple[Text, tuple[FactSpec, ...]], ...]] = (
    (Text(de="Betrieb und Stelle", en="The operation and the body"), _WHAT_IT_IS),
    (Text(de="Was das System kann", en="What the system can do"), _WHAT_IT_CAN),
    (Text(de="Wer sonst beteiligt ist", en="Who else is involved"), _WHO_ELSE),
    (Text(de="Wer teilnimmt, und auf welcher Grundlage", en="Who takes part, and on what basis"), _WHO_TAKES_PART),
    (Text(de="Angaben in Worten", en="In words"), _IN_WORDS),
)
"""In the order in which they are asked for."""

FACTS: Final[Mapping[str, FactSpec]] = MappingProxyType({spec.key: spec for _, specs in GROUPS for spec in specs})

CONDITIONS: Final = frozenset(key for key, spec in FACTS.items() if spec.values)
"""What ``applies_if`` may name."""
