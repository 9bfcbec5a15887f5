"""Rules on accounts, as pure functions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klausur.domain.accounts import (
    NAME_CHARACTERS,
    SESSION_IDLE,
    SESSION_LIVES,
    Account,
    AccountRole,
    Means,
    Session,
    hour_of,
    label,
    name_key,
    require_another_administrator,
    require_means_left,
    require_second_factor_left,
    require_strong_where_possible,
    session_holds,
    sessions_over,
    sign_in_name,
)
from klausur.domain.encoding import is_base64url
from klausur.domain.errors import LastAdministrator, LastMeans, Malformed, SecondFactorRequired

NOW = datetime(2026, 11, 22, 9, 41, 17, tzinfo=UTC)


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hanna", "HANNA"),
        ("Straße", "STRASSE"),
        ("é", "e\u0301"),
        ("ﬁona", "FIONA"),
        ("\uff28anna", "hanna"),
        (" Hanna\u00a0", "hanna"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_names_that_differ_in_case_or_form_alone_are_one(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


UNSEEN = list(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u200b\u202e\u2064\u2065\u2800\u3164\ufe00\ufe0f"
    "\ufeff\uffa0\ufff0\U0001bca0\U0001d173\U000e0001\U000e0100\U000e0fff"
)


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_cannot_be_seen_makes_no_second_name(unseen: str) -> None:
    for text in (f"Han{unseen}na", f"Hanna{unseen}", unseen * 3):
        with pytest.raises(Malformed):
            sign_in_name(text)


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_label_is_something_to_be_seen(unseen: str) -> None:
    with pytest.raises(Malformed):
        label(unseen * 3)


@pytest.mark.parametrize("unseen", ["\u00ad", "\u061c", "\u200b", "\u202e", "\u2065", "\ufeff", "\U000e0001"])
def test_nothing_in_a_label_turns_or_hides_the_rest(unseen: str) -> None:
    with pytest.raises(Malformed):
        label(f"Tele{unseen}phone")


@pytest.mark.parametrize("picture", ["❤\ufe0f", "⌨\ufe0f", "☎\ufe0f"])
def test_labels_may_have_pictures_as_keyboards_write_them(picture: str) -> None:
    assert label(f"Telephone {picture}") == f"Telephone {picture}"


@pytest.mark.parametrize("name", ["Zoë", "Nguyễn", "Ολυμπία", "Пётр", "محمد", "हन्ना", "한나", "花子", "O'Neill 2"])
def test_names_of_all_scripts_can_be_seen(name: str) -> None:
    assert sign_in_name(name) == name == label(name)


@given(st.text(max_size=80))
def test_a_key_is_its_own_key(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)


@given(st.text(max_size=80))
def test_a_name_is_visible_and_of_its_length_or_none(text: str) -> None:
    try:
        name = sign_in_name(text)
    except Malformed:
        return
    assert len(name) in NAME_CHARACTERS
    assert name == name.strip()
    assert not any(each in name for each in "\0\n\r\t\x7f\u200b\u200f\u202e\u2028\ufeff")
    assert sign_in_name(name) == name
    assert name_key(name) == name_key(text)
    assert len(name_key(name)) <= 255


@pytest.mark.parametrize("text", ["", "x", " x ", "x" * 65, "a\nb", "a\u2028b", "a\u202eb", "a\u200bb", "a\u0000b"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(Malformed):
        sign_in_name(text)


def test_names_may_be_short_and_have_spaces() -> None:
    assert sign_in_name(" Li ") == "Li"
    assert sign_in_name("x" * 64) == "x" * 64
    assert sign_in_name("Dr. Hanna Müller-Lüdenscheidt") == "Dr. Hanna Müller-Lüdenscheidt"


def test_a_label_may_be_one_character() -> None:
    assert label(" ☎ ") == "☎"
    for text in ("", "x" * 65, "a\nb"):
        with pytest.raises(Malformed):
            label(text)


# -- sessions ---------------------------------------------------------------------------------------------------------

SESSION = Session("hash", "id", "account", NOW, hour_of(NOW), strong=False, browser="")


@given(st.timedeltas(timedelta(), timedelta(days=10)), st.timedeltas(timedelta(), timedelta(days=10)))
def test_a_session_never_outlives_its_limits_and_is_swept_when_over(seen: timedelta, later: timedelta) -> None:
    session = replace(SESSION, seen_hour=hour_of(NOW + seen))
    then = NOW + seen + later
    if session_holds(session, then):
        assert later < SESSION_IDLE
        assert seen + later < SESSION_LIVES
    began_by, seen_by = sessions_over(then)
    swept = session.began_at <= began_by or session.seen_hour <= seen_by
    assert swept is not session_holds(session, then)


def test_a_session_holds_for_eleven_idle_hours_whatever_the_minute() -> None:
    for minute in range(60):
        seen = NOW.replace(minute=minute)
        session = replace(SESSION, began_at=seen, seen_hour=hour_of(seen))
        assert session_holds(session, seen + timedelta(hours=11))


# -- means ------------------------------------------------------------------------------------------------------------

everything = st.builds(
    Means, password=st.booleans(), totp=st.booleans(), passkeys=st.integers(0, 20), provider=st.booleans()
)


@given(st.sampled_from(AccountRole), everything)
def test_whoever_keeps_means_can_sign_in(role: AccountRole, left: Means) -> None:
    try:
        require_means_left(role, left)
    except LastMeans:
        assert not left.any or role is AccountRole.ADMINISTRATOR
    else:
        assert left.any
        assert role is not AccountRole.ADMINISTRATOR or left.strong or left.provider


@given(st.sampled_from(AccountRole), everything)
def test_an_administrators_second_factor_goes_only_where_there_is_a_passkey(role: AccountRole, left: Means) -> None:
    try:
        require_second_factor_left(role, left)
    except LastMeans:
        assert (role, left.passkeys) == (AccountRole.ADMINISTRATOR, 0)
    else:
        assert role is not AccountRole.ADMINISTRATOR or left.passkeys


@given(everything, st.booleans())
def test_better_means_are_changed_by_better_sessions_only(means: Means, strong: bool) -> None:
    session = replace(SESSION, strong=strong)
    try:
        require_strong_where_possible(session, means)
    except SecondFactorRequired:
        assert not strong
        assert means.passkeys or (means.password and means.totp)
    else:
        assert strong or not means.strong


def test_a_trusted_provider_is_a_strong_means_of_those_it_knows() -> None:
    account = Account("id", "Ada", AccountRole.ADMINISTRATOR, NOW.date(), verifier="v")
    known = replace(account, provider_subject="s")
    assert not Means.of(account, 0, provider_is_strong=True).strong
    assert not Means.of(known, 0).strong
    with pytest.raises(SecondFactorRequired):
        require_strong_where_possible(SESSION, Means.of(known, 0, provider_is_strong=True))


def test_there_is_always_another_administrator() -> None:
    require_another_administrator(1)
    with pytest.raises(LastAdministrator):
        require_another_administrator(0)


@given(st.text(alphabet="AZaz09-_+/=\n é", max_size=8))
def test_large_texts_are_judged_by_their_characters_like_small_ones(text: str) -> None:
    assert is_base64url(text) is bool(re.fullmatch(r"[A-Za-z0-9_-]+", text))
