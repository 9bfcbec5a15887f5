"""Facts: what is asked, what follows from the settings, what is refused, what contradicts what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klausur.compliance.fact_list import CONDITIONS, FACTS
from klausur.compliance.facts import FactInvalid, FactSpec, Kind, Origin, Stated, derived, resolve
from klausur.compliance.model import FactValue
from klausur.compliance.words import LANGUAGES
from klausur.settings import Settings, plain
from tests.compliance.rows import DAY, NOW

SHIPPED = plain(Settings())
TEXTS = [spec for spec in FACTS.values() if spec.kind == Kind.TEXT]


def declared(key: str, value: FactValue, *, ago: timedelta = DAY, by: str = "Ada") -> tuple[str, Stated]:
    return key, Stated(value, Origin.DECLARED, NOW - ago, by)


def observed(key: str, value: FactValue) -> tuple[str, Stated]:
    return key, Stated(value, Origin.OBSERVED, NOW - DAY, "O1")


# -- the list


def test_every_fact_is_asked_for_in_both_languages_with_a_help() -> None:
    for key, spec in FACTS.items():
        assert spec.key == key
        for text in (spec.question, spec.help, *(choice.label for choice in spec.choices)):
            assert all(text.to(language).strip() for language in LANGUAGES), key
        assert all(spec.question.to(language).endswith("?") for language in LANGUAGES), key
    assert len({spec.question.de for spec in FACTS.values()}) == len(FACTS)


def test_a_row_can_depend_on_everything_but_texts() -> None:
    assert {key for key, spec in FACTS.items() if spec.kind == Kind.TEXT}.isdisjoint(CONDITIONS)
    assert {spec.key for spec in TEXTS} | CONDITIONS == set(FACTS)
    assert FACTS["operating_model"].values == {"self", "external", "online"}
    assert FACTS["minors"].values == {True, False}


def test_a_choice_has_several_values_and_a_text_a_limit() -> None:
    for spec in FACTS.values():
        assert (len(spec.choices) >= 2) == (spec.kind == Kind.CHOICE)
        assert (spec.max_length > 0) == (spec.kind == Kind.TEXT)


# -- what follows from the settings


def test_what_this_release_cannot_do_is_never_asked() -> None:
    known = derived(FACTS, SHIPPED, NOW)
    absent = (
        "recording_offered",
        "transcription_offered",
        "streaming_offered",
        "dial_in_offered",
        "chat_offered",
        "file_transfer_offered",
        "breakout_offered",
        "whiteboard_offered",
        "native_client_offered",
        "ai_functions_offered",
    )
    for key in absent:
        assert known[key] == Stated(False, Origin.CONFIG, NOW)
        assert not FACTS[key].is_asked(SHIPPED)


@pytest.mark.parametrize(
    ("settings", "key", "value"),
    [
        ({"guests": "allowed"}, "guests_allowed", True),
        ({"guests": "accounts"}, "guests_allowed", False),
        ({"oidc_issuer": None}, "identity_provider_used", False),
        ({"oidc_issuer": "https://id.example.org"}, "identity_provider_used", True),
        ({"oidc_issuer": None}, "social_login_used", False),
        ({"metrics_port": None}, "statistics_collected", False),
        ({"metrics_port": 9100}, "statistics_collected", True),
        ({"operator_name": " Stadt Musterhausen "}, "controller_name", "Stadt Musterhausen"),
        ({"operator_contact": "post@example.org\n030 1"}, "contact", "post@example.org\n030 1"),
    ],
)
def test_what_the_settings_say_is_not_asked(settings: dict[str, object], key: str, value: FactValue) -> None:
    assert derived(FACTS, settings, NOW)[key] == Stated(value, Origin.CONFIG, NOW)
    assert FACTS[key].origin == Origin.CONFIG
    assert not FACTS[key].is_asked(settings)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"operator_name": ""}, "controller_name"),
        ({"operator_contact": "  "}, "contact"),
        ({"oidc_issuer": "https://id.example.org"}, "social_login_used"),
        ({}, "guests_allowed"),
        ({}, "identity_provider_used"),
        ({}, "social_login_used"),
        ({}, "statistics_collected"),
        ({"guests": "allowed"}, "minors"),
    ],
)
def test_what_the_settings_leave_open_is_unknown_and_asked(settings: dict[str, object], key: str) -> None:
    assert key not in derived(FACTS, settings, NOW)
    assert FACTS[key].is_asked(settings)


def test_the_settings_that_are_read_exist() -> None:
    """Whatever a derivation reads is a setting of ours: with all of them there, only people's facts stay open."""
    filled = {**SHIPPED, "operator_name": "Stadt", "operator_contact": "Post"}
    derivable = {key for key, spec in FACTS.items() if spec.derive is not None}
    assert set(derived(FACTS, filled, NOW)) == derivable


# -- what is refused


def test_what_is_declared_is_checked_by_its_kind() -> None:
    assert FACTS["minors"].checked(True) is True
    assert FACTS["body_type"].checked("public") == "public"
    for key, wrong in (
        ("minors", "true"),
        ("minors", 1),
        ("minors", None),
        ("body_type", "church"),
        ("body_type", True),
        ("contact", True),
        ("contact", ["x"]),
    ):
        with pytest.raises(FactInvalid, match=f"^{key}: ") as caught:
            FACTS[key].checked(wrong)
        assert caught.value.said.de.startswith(f"{key}: ")


@pytest.mark.parametrize("spec", TEXTS, ids=lambda spec: spec.key)
def test_a_text_is_as_long_as_it_may_be_and_no_longer(spec: FactSpec) -> None:
    limit = spec.max_length
    assert spec.checked("ü" * limit) == "ü" * limit
    for length in (limit + 1, 10 * limit):
        with pytest.raises(FactInvalid, match=f"at most {limit} characters"):
            spec.checked("ü" * length)


@pytest.mark.parametrize("blank", ["", "  ", "\n\t\r\n"])
def test_a_text_without_words_is_none(blank: str) -> None:
    with pytest.raises(FactInvalid, match="there is no text"):
        FACTS["purposes"].checked(blank)


@pytest.mark.parametrize("hidden", ["a\x00b", "a\x1b[31mb", "a\u200bb", "a\u202eb", "a\u2028b", "a\ud800b", "a\tb"])
def test_a_text_holds_nothing_that_nobody_sees(hidden: str) -> None:
    with pytest.raises(FactInvalid, match="nobody sees"):
        FACTS["purposes"].checked(hidden)


def test_a_text_is_kept_in_one_form() -> None:
    assert FACTS["purposes"].checked(" Beratung\r\nBu\u0308ro \n") == "Beratung\nBüro"


@given(st.sampled_from(list(FACTS)), st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary()))
def test_what_is_accepted_is_accepted_again_unchanged(key: str, value: object) -> None:
    try:
        kept = FACTS[key].checked(value)
    except FactInvalid:
        return
    assert FACTS[key].checked(kept) == kept


# -- what contradicts what


def test_what_was_seen_stands_above_settings_and_those_above_words() -> None:
    facts = resolve(
        [declared("minors", True), declared("guests_allowed", True)],
        derived(FACTS, {"guests": "allowed"}, NOW).items(),
        [observed("guests_allowed", True)],
    )
    assert facts["minors"].stands.origin == Origin.DECLARED
    assert facts["guests_allowed"].stands.origin == Origin.OBSERVED
    assert not facts["guests_allowed"].contradicted


def test_a_look_contradicts_what_was_declared() -> None:
    fact = resolve([declared("recording_offered", False)], [observed("recording_offered", True)])["recording_offered"]
    assert fact.contradicted
    assert (fact.stands.value, [said.by for said in fact.against]) == (True, ["Ada"])


def test_a_setting_contradicts_what_was_declared() -> None:
    settings = derived(FACTS, {"operator_name": "Stadt Musterhausen"}, NOW)
    fact = resolve([declared("controller_name", "Kreis Musterhausen")], settings.items())["controller_name"]
    assert (fact.contradicted, fact.stands.value) == (True, "Stadt Musterhausen")


def test_who_corrects_what_was_declared_contradicts_nobody() -> None:
    fact = resolve([declared("minors", False, ago=2 * DAY), declared("minors", True, by="Hanna")])["minors"]
    assert (fact.stands.by, fact.stands.value, fact.contradicted) == ("Hanna", True, False)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["minors", "guests_allowed"]),
            st.builds(
                Stated,
                st.booleans(),
                st.sampled_from(Origin),
                st.integers(0, 2).map(lambda days: NOW - days * DAY),
                st.sampled_from(["Ada", "Hanna"]),
            ),
        ),
        max_size=6,
    )
)
def test_in_what_order_it_was_said_does_not_matter(said: list[tuple[str, Stated]]) -> None:
    assert resolve(said) == resolve(reversed(said)) == resolve(said[:2], said[2:])


def test_what_nobody_said_is_unknown() -> None:
    assert dict(resolve([], [])) == {}
