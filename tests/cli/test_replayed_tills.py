"""A till in a capture: `replay` answers it as the gateway does, with the same ids every time."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.cli.replay import played
from gateway.codecs.captures import CaptureError
from gateway.model.documents import Campaigns
from gateway.model.inputs import DocumentReady
from tests.core.offers import CONTENT, WELCOME
from tests.core.shops import plan

GIFT = replace(WELCOME, id="gift", benefit={"kind": "percent", "value": 10, "code": "single_use"})
HEADER = {"format": "proximity-capture", "version": 1, "started_at": "2026-01-05T09:00:00Z"}
HERE = {"medium": "app", "member": "q3lzt7", "seen": [{"beacon": "b-7", "rssi_dbm": -60}]}
REDEEM = {"redeem": {"member": "q3lzt7", "campaign": "gift", "till": "till-3", "key": "4711-1", "value": 4.5}}
COMMIT = {"commit": {"redemption": "r.eka7dsbkzlekx2fz", "value": 4.0}}


def told(*asks: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
    lines = [
        HEADER,
        *({"t": t / 2} | HERE for t in range(8)),
        *({"t": 5.0 + n, "ask": each} for n, each in enumerate(asks)),
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    campaigns = DocumentReady("campaigns", 1, "sha256:c", Campaigns(1, (GIFT,), CONTENT))
    events = played(io.StringIO(text), Path(), plan(), (campaigns,))
    return [(event.type, dict(event.data)) for event in events if event.stream == "redemption"]


def test_a_till_is_answered_in_a_replay() -> None:
    named = {"redemption": "r.eka7dsbkzlekx2fz", "campaign": "gift", "till": "till-3", "clock": "synced"}
    assert told(REDEEM, REDEEM, COMMIT, COMMIT) == [
        ("redemption.reserved", named | {"value": 4.5, "until": "2026-01-05T09:15:05.000Z"}),
        ("redemption.committed", named | {"value": 4.0, "provisional": False, "coupon": None, "cost": None}),
    ]


def test_what_a_replay_cannot_answer_is_named() -> None:
    with pytest.raises(CaptureError, match="line 10: ask: this version answers no sing"):
        told({"sing": {}})
