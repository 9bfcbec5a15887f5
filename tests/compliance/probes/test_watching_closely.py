"""Pages that keep within what a hasty look would see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.probes import (
    web_devices_off,
    web_encryption_shown,
    web_guest_name_only,
    web_permission_on_click,
    web_preview_local,
    web_share_by_choice,
    web_storage,
)


def _asked(person: str, moment: str) -> dict[str, Any]:
    return {"person": person, "moment": moment, "clicks": 3, "audio": False, "video": True}


@pytest.mark.parametrize(
    ("person", "moment"), [("Hanna", "in the meeting"), ("Hanna", "before joining"), ("Gustav", "before joining")]
)
def test_a_click_on_something_else_opens_no_camera(person: str, moment: str) -> None:
    asked = [_asked("Gustav", "preview"), _asked(person, moment)]
    judged = web_permission_on_click.judge({"asked": asked, "idle": ["after"], "moments": 9}, {})
    assert judged.status is Status.FAIL


def test_a_choice_that_is_no_device_is_a_question() -> None:
    fields = [{"name": "Your name", "kind": "text"}, {"name": "Department", "kind": "select-one"}]
    judged = web_guest_name_only.judge({"fields": fields, "cookies": [], "shown": ["Gustav"]}, {})
    assert (judged.status, "Department" in judged.says.en) == (Status.FAIL, True)


def test_who_says_that_it_is_not_encrypted_does_not_say_that_it_is() -> None:
    said = ["It is not encrypted from device to device"]
    seen = {"page": 9, "before": said, "shield": [True, True], "behind": [said, said]}
    assert web_encryption_shown.judge(seen, {}).status is Status.FAIL


def test_the_product_s_own_words_say_that_it_is_encrypted_and_how() -> None:
    """Those of the page before joining and of the panel behind the shield, sentence by sentence."""
    words = Path("web/src/i18n")
    before = re.search(r"who: '([^']+)'", (words / "en.ts").read_text())
    security = re.search(r"security: \{(.+?)\n  \},", (words / "panels.en.ts").read_text(), re.DOTALL)
    assert before
    assert security
    lines = "\n".join(re.findall(r"'([^']+)'", security[1]))
    said, behind = (web_encryption_shown.told(text) for text in (before[1], lines))
    assert said
    assert any("not encrypted" in each for each in behind), "what is not encrypted is neither sent nor shown"
    seen = {"page": 9, "before": said, "shield": [True, True], "behind": [behind, behind]}
    assert web_encryption_shown.judge(seen, {}).status is Status.PASS


def test_a_page_that_offers_its_own_tab_alone_narrows_the_choice() -> None:
    wanted = '{"video":true,"preferCurrentTab":true}'
    seen = {"before_click": 0, "asked": [{"clicks": 4, "wanted": wanted}], "states": ["true", "false"]}
    assert web_share_by_choice.judge(seen, {}).status is Status.FAIL


def test_a_preview_is_local_only_where_leaving_would_have_been_seen() -> None:
    seen = {"own_picture": True, "connections": 0, "posted": 0, "connections_inside": 1, "posted_inside": 0}
    assert web_preview_local.judge(seen, {}).status is Status.NOTHING_SEEN


def test_a_browser_that_shows_no_database_shows_too_little() -> None:
    listed = {name: list(why) for name, why in web_storage.LIST.items()}
    seen = {"kept": {"session klausur-seat": "Otto, in the meeting"}, "list": listed}
    assert web_storage.judge(seen, {}).status is Status.NOTHING_SEEN


def test_nothing_was_sent_only_where_sending_would_have_been_measured() -> None:
    control = {"states": {"Camera": "true", "Microphone": "true"}, "asked": 2, "sent": {"audio": 700, "video": 9000}}
    off = {"way": "Otto", "states": {"Camera": "false", "Microphone": "false"}, "asked": 0}
    seen = {"control": control, "ways": [off], "sent": {"audio": 0, "video": 0}, "received": 50_000}
    assert web_devices_off.judge(seen, {}).status is Status.PASS
    blind = {**control, "sent": {"audio": 0, "video": 0}}
    assert web_devices_off.judge({**seen, "control": blind}, {}).status is Status.NOTHING_SEEN
