"""What docs/wire.md says that each event holds is what its schema has, and what the engine puts into it."""

import re
from dataclasses import replace

from gateway.codecs.ndef import TextRecord, encode
from gateway.core.coupons import coupon_digest
from gateway.model.amount import Amount
from gateway.model.commands import Command
from gateway.model.consent import Export, SayConsent
from gateway.model.documents import Campaign, Campaigns, Codes, Trigger, Variant
from gateway.model.event import Event
from gateway.model.feeds import Stock
from gateway.model.help import AskHelp, ClaimHelp, CloseHelp, HelpRequest
from gateway.model.inputs import Commanded, DocumentReady, Erase, FreshSalt, ReceiverHealth, Stopping
from gateway.model.orders import HandOver
from gateway.model.price_matches import AskPriceMatch
from gateway.model.redemptions import CancelRedemption, CommitRedemption, LockAnswered, Redemption, Reserve
from gateway.model.returns import CheckReturn, ReceiveReturn, RestockReturn, Return
from gateway.model.sighting import AppReport, BeaconTelemetry, CheckIn, CodeText, HeardBeacon, NfcTag, Sighting
from gateway.model.slips import MakeSlip, Slip, TakeSlip
from gateway.model.tickets import RecordTicket, TicketLine
from gateway.uplink.event_schemas import DATA
from tests.architecture.markdown import CODE, rows, section
from tests.architecture.tree import ROOT
from tests.core.desk import GTIN, ORDER, asked, come, fed, open_desk
from tests.core.shops import SHELF, STARTED_UTC_S, Hand, heard, open_shop
from tests.core.tills import shop, wait
from tests.scenarios.surveyed_office import louder, played

PRICE = Amount("89.9")
FROM_THE_EDGES = frozenset({"command.refused", "incarnation.started", "publish.refused", "event.dropped"})
"""Types that other parts than the engine give the facts of."""


def a_day() -> list[Event]:
    """A scan, a tap, a member who comes, gets one offer and not another, uses it, leaves, is forgotten; the end."""
    hand = open_shop()
    hand.give(0.5, FreshSalt(bytes(32), bytes(32)))
    words = {"hello": {"en": {"title": "Hello"}}}
    fires = Campaign(
        "hello", Trigger("checked_in"), (Variant("a", 1, "hello"),), benefit={"kind": "percent", "value": 10}
    )
    grown_ups = Campaign(
        "wine", Trigger("checked_in"), (Variant("a", 1, "hello"),), purpose="retarget", zones=frozenset({"x"})
    )
    codes = Codes(frozenset({coupon_digest("BRAND-1")}), brand=True, offline_up_to=Amount(5))
    points = {"kind": "points", "value": 50}
    coupon = replace(fires, id="coupon", codes=codes, benefit=points, zones=frozenset({"x"}))
    hand.give(1.0, DocumentReady("campaigns", 1, "sha256:0", Campaigns(1, (fires, grown_ups, coupon), words)))
    tag = NfcTag(encode(TextRecord("en", "A7")))
    hand.give(2.0, Sighting("code", "rx-door", CodeText("qr_code", "A7")), Sighting("nfc", "rx-door", tag))
    for second in range(3, 70):
        hand.give(float(second), Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon("b-7", -60.0),))))
    hand.give(70.0, Sighting("app", "app", CheckIn("q3lzt7", "app")))
    hand.give(70.1, CancelRedemption(held(hand, 70.1, "1")))
    hand.give(70.2, CommitRedemption(held(hand, 70.2, "2")))
    hand.give(70.3, Reserve("q3lzt7", "hello", "till-1", "3"))
    brand = held(hand, 70.4, "4", coupon="BRAND-1")
    hand.give(70.4, CommitRedemption(brand), LockAnswered(brand, granted=False))
    hand.give(70.5, heard("rx-coats", -60.0, SHELF), heard("rx-coats", -60.0, BeaconTelemetry(2300, 21.5)))
    hand.give(71.0, ReceiverHealth("rx-coats", "down"))
    hand.offset_s += 3600.0
    hand.give(4000.0)
    hand.give(4000.2, SayConsent("q3lzt7", frozenset({"presence"})), Export("q3lzt7"))
    hand.give(4000.3, FreshSalt(bytes(32), bytes(32)))
    order = Command("order-1", "erase", "hq", STARTED_UTC_S + 7000.0, STARTED_UTC_S + 8000.0)
    hand.give(4000.5, Commanded(order, Erase("q3lzt7", order.id)))
    hand.give(4001.0, Stopping())
    return hand.events


def a_rush() -> list[Event]:
    """Three members wait at a till for a quarter of an hour."""
    hand = shop()
    wait(hand, 3, 1, 1_000)
    return hand.events


def a_desk() -> list[Event]:
    """An order is fetched, another withdrawn; help, a sale, goods that come back, a price seen elsewhere, a slip."""
    hand = open_desk(rows=(ORDER, replace(ORDER, order="o-2"), Stock(GTIN, "0042", 2, 0.0)))
    come(hand, 1.0)
    asked(hand, 2.0, HandOver("o-1", "7731", "maud"))
    request = asked(hand, 3.0, AskHelp("ada", product=GTIN))
    assert isinstance(request, HelpRequest)
    asked(hand, 4.0, ClaimHelp(request.id, "nils"))
    asked(hand, 5.0, CloseHelp(request.id, "served"))
    asked(hand, 6.0, RecordTicket("till-3", "4711", PRICE, "EUR", (TicketLine(GTIN, 1, PRICE),), "ada"))
    back = asked(hand, 7.0, ReceiveReturn(GTIN, 1, member="ada"))
    assert isinstance(back, Return)
    asked(hand, 8.0, CheckReturn(back.id, sound=True))
    asked(hand, 9.0, RestockReturn(back.id))
    asked(hand, 10.0, AskPriceMatch(GTIN, PRICE, Amount("79.9"), "EUR", "online", "ada"))
    slip = asked(hand, 11.0, MakeSlip("ada"))
    assert isinstance(slip, Slip)
    asked(hand, 12.0, TakeSlip(slip.id, "till-3"))
    fed(hand, 13.0, "orders")
    return hand.events


def documented() -> dict[str, set[str]]:
    """The keys of `data` by type; what stands in brackets behind a key is what is in it."""
    table = rows(section(ROOT / "docs" / "wire.md", "Events"))
    return {cells[0].strip("`"): set(CODE.findall(re.sub(r"\([^)]*\)", "", cells[2]))) for cells in table}


def held(hand: Hand, mono_s: float, key: str, coupon: str | None = None) -> str:
    """The id of what a till reserves."""
    hand.give(
        mono_s, Reserve("q3lzt7", "hello" if coupon is None else None, "till-1", key, Amount("4.5"), coupon=coupon)
    )
    answer = hand.steps[-1].answer
    assert isinstance(answer, Redemption), answer
    return answer.id


def test_every_event_holds_what_is_documented() -> None:
    events = (*played(louder("r21", -15.0))[0], *a_day(), *a_rush(), *a_desk())
    emitted = {event.type: set(event.data) for event in events}
    assert emitted == {kind: keys for kind, keys in documented().items() if kind not in FROM_THE_EDGES}


def test_every_schema_has_what_is_documented() -> None:
    assert documented() == {kind: set(form.__annotations__) for kind, form in DATA.items()}
