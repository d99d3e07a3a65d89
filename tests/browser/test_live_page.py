"""The live page: who is where, what was offered or not and why, what head office has, and a gateway out of reach."""

import copy
import re
from typing import Any, Final

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import Watched
from tests.browser.stand_in import COMMIT, COOKIE, SNAPSHOT, StandIn

pytestmark = pytest.mark.asyncio(loop_scope="package")

GTIN = "09506000134352"
ALICE, BOB = "m.q3lzt7", "m.k2m9xa"
WHY_NOT: Final[tuple[tuple[str, dict[str, Any], str, str], ...]] = (
    (
        "schedule",
        {"case": "starts", "at": "2026-12-24T09:30:00Z"},
        "on December 24 at 10:30.",
        "le 24 décembre à 10:30.",
    ),
    ("schedule", {"case": "recurrence", "day": "2026-11-21"}, "on November 21, 2026.", "le 21 novembre 2026."),
    (
        "place",
        {"case": "nowhere", "zones": "cold-drinks, tills"},
        "for: Cold drinks, Tills.",
        "vise : Cold drinks, Tills.",
    ),
    ("scenario", {"case": "lately", "campaign": "hello", "within_s": 5400.0}, "the last 1 h 30.", "depuis 1 h 30."),
    ("assurance", {"known": "claimed", "needed": "proven"}, "asks: identity proven.", "exige : identité prouvée."),
    ("stock", {"case": "here", "product": GTIN, "count": 2}, "There are 2 of “Trainers” here.", "2 « Baskets » ici."),
    ("channel_cap", {"reached": "app 2/2, push 1/1"}, "in the app 2/2, as a", "dans l’application 2/2, par"),
    ("consent", {"purpose": "retarget"}, "“offers seen elsewhere”", "« offres vues ailleurs »"),
)
"""Reasons with what they name, and a piece of what is said of it in English and in French."""


async def enter(tab: Watched, gateway: StandIn) -> Page:
    await tab.page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
    await tab.page.goto(f"{gateway.origin}/live")
    await tab.page.wait_for_selector("body[data-ready]")
    return tab.page


def dot(page: Page, subject: str) -> Locator:
    return page.locator(f".person[data-subject='{subject}']:not(.leaving)")


async def lies_within(inner: Locator, outer: Locator) -> bool:
    one, other = await inner.bounding_box(), await outer.bounding_box()
    assert one is not None
    assert other is not None
    x, y = one["x"] + one["width"] / 2, one["y"] + one["height"] / 2
    return other["x"] <= x <= other["x"] + other["width"] and other["y"] <= y <= other["y"] + other["height"]


def outbox(*, online: bool, depth: int) -> dict[str, Any]:
    """The outbox with `depth` visits that head office does not have."""
    said: dict[str, Any] = copy.deepcopy(SNAPSHOT["outbox"]) | {"online": online}
    for stream in said["streams"]:
        waits = depth if stream["class"] == "visit" else 0
        stream |= {"depth": waits, "acked": f"{int(stream['next_sequence']) - 1 - waits:020d}"}
    return said


async def test_everybody_stands_in_a_zone_and_moves(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    await expect(dot(page, ALICE)).to_have_attribute("data-zone", "shoes")
    assert await lies_within(dot(page, ALICE).locator(".face"), page.locator("[data-zone='shoes'].zone"))
    await expect(page.locator("[data-figure='members'] dd")).to_have_text("2")
    gateway.say("commit", COMMIT)
    await expect(dot(page, ALICE)).to_have_attribute("data-zone", "tills")
    await expect(dot(page, BOB)).to_have_count(0)
    await expect(page.locator(".bubble.offer")).to_have_text("See you soon")
    await page.wait_for_timeout(1_000)
    assert await lies_within(dot(page, ALICE).locator(".face"), page.locator("[data-zone='tills'].zone"))
    await expect(page.locator("[data-figure='members'] dd")).to_have_text("1")


@pytest.mark.parametrize("scope", ["staff", "display"])
async def test_who_is_before_the_shop_is_not_counted_in_it(tab: Watched, gateway: StandIn, scope: str) -> None:
    gateway.snapshot["visitors"][1]["zone"] = "street"
    for zone, members in (("street", 1), ("door", 0)):
        next(each for each in gateway.snapshot["zones"] if each["zone"] == zone)["members"] = members
    if scope == "display":
        seen = ("at", "version", "store", "floorplan", "zones")
        gateway.snapshot = {key: gateway.snapshot[key] for key in seen} | {"me": {"scope": scope, "subject": None}}
    page = await enter(tab, gateway)
    await expect(page.locator(".zone-label", has_text="Street").locator(".count")).to_have_text("1")
    await expect(page.locator("[data-figure='members'] dd")).to_have_text("1")


async def test_what_hears_is_shown_with_its_health(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    row = page.locator("[data-receiver='gw-2']")
    await expect(row.locator(".pill")).to_have_text("silent since 11:00:20")
    await expect(page.locator("[data-part='source:gw-2']")).to_contain_text("the adapter is gone")
    await expect(page.locator("[data-part='mqtt']")).to_be_hidden()
    await page.get_by_text("1 part is well").click()
    await expect(page.locator("[data-part='mqtt']")).to_contain_text("connected")
    await expect(page.locator("#headline")).to_contain_text("Something needs a hand")
    await expect(page.locator("#version")).to_have_text("Gateway gw-1, version 0.1.0, running for 2 h 00")
    gateway.say("commit", COMMIT)
    await expect(row.locator(".pill")).to_have_text("hears since 11:00:40")
    await expect(page.locator("[data-part='mqtt']")).to_be_visible()


async def test_each_beacon_is_shown_with_its_state_rate_and_battery(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    chip = page.locator("[data-beacon='b-7']")
    await expect(chip).to_have_attribute("data-severity", "warning")
    await expect(chip).to_contain_text("battery weak · heard 58 times a minute · battery 2.31 V")
    gateway.say("commit", COMMIT)
    await expect(chip).to_have_attribute("data-severity", "error")
    await expect(chip).to_contain_text("silent · last heard 11:00:02 · battery 2.31 V")
    await page.get_by_role("button", name="Français").click()
    await expect(chip).to_contain_text("muette · entendue à 11:00:02 · pile à 2,31 V")


async def test_a_refusal_is_told_with_its_reason_in_both_languages(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    rows = page.locator("#story-list > li")
    await page.get_by_role("button", name="Withheld").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("was not offered “Shoes 10”: it was offered as often as it may be.")
    await expect(rows).to_contain_text("Already offered today at 09:12.")
    await page.get_by_role("button", name="Français").click()
    await expect(rows).to_contain_text("elle a déjà été proposée autant de fois que permis")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Le magasin en direct")


async def test_why_not_is_told_with_what_it_names(tab: Watched, gateway: StandIn) -> None:
    refusal = SNAPSHOT["decisions"][1]
    gateway.snapshot["decisions"] = [
        refusal | {"campaign": f"c-{number}", "reason": reason, "values": values}
        for number, (reason, values, _, _) in enumerate(WHY_NOT)
    ]
    page = await enter(tab, gateway)
    await page.locator("#story-filters").get_by_role("button", name="Withheld").click()
    details = page.locator(".happening.refusal .detail")
    await expect(details).to_contain_text([english for _, _, english, _ in reversed(WHY_NOT)])
    await page.get_by_role("button", name="Français").click()
    await expect(details).to_contain_text([french for _, _, _, french in reversed(WHY_NOT)])


async def test_the_newest_is_told_first_and_once(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    rows = page.locator("#story-list > li")
    await expect(rows).to_have_count(6)
    gateway.say("commit", COMMIT)
    gateway.say("commit", COMMIT)
    await expect(rows).to_have_count(8)
    await expect(rows.first).to_contain_text("was offered “See you soon”")


async def test_a_member_is_followed_from_the_keyboard(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    await dot(page, ALICE).focus()
    await page.keyboard.press("Enter")
    await expect(dot(page, ALICE)).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#story-about")).to_contain_text(ALICE)
    await expect(page.locator("#story-list > li")).to_have_count(2)
    await page.get_by_role("button", name="Show everybody").click()
    await expect(page.locator("#story-list > li")).to_have_count(6)


async def test_a_lost_gateway_is_said_until_it_is_back(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    chip = page.locator("[data-status='stream']")
    await expect(chip).to_have_text("Live")
    gateway.away = True
    gateway.break_off()
    await expect(chip).to_have_text("Reconnecting")
    await expect(page.locator("#banner")).to_contain_text("What you see is as of 11:00:30.")
    gateway.away = False
    gateway.snapshot |= {"visitors": [], "at": "2026-11-21T10:05:00.000Z"}
    await page.get_by_role("button", name="Try now").click()
    await expect(chip).to_have_text("Live")
    await expect(page.locator("#banner")).to_be_hidden()
    await expect(dot(page, ALICE)).to_have_count(0)
    tab.complaints[:] = [each for each in tab.complaints if "503" not in each]


async def test_a_cut_is_told_and_what_was_made_up_for(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    headline, health = page.locator("#headline"), {"status": "ok", "conditions": []}
    at = {"at": "2026-11-21T10:00:42.000Z", "health": health}
    gateway.say("standing", at | {"outbox": outbox(online=False, depth=0)})
    await expect(headline).to_contain_text("Head office is cut off since 11:00:42; the shop notices nothing.")
    gateway.say("commit", {**COMMIT, "health": health, "outbox": outbox(online=False, depth=27)})
    await expect(headline).to_contain_text("1 offer made all the same. 27 events wait in the outbox.")
    await expect(page.locator("[data-class='visit'] .waiting")).to_have_text("27")
    await expect(page.locator("[data-status='link']")).to_have_text("Head office cut off since 11:00:42")
    gateway.say("standing", at | {"outbox": outbox(online=True, depth=3)})
    await expect(headline).to_contain_text("3 events are on their way to head office.")
    gateway.say("standing", at | {"outbox": outbox(online=True, depth=0)})
    await expect(headline).to_contain_text("1 offer was made meanwhile. It has received all of it: gaps 0.")
    await expect(page.locator("#outbox-verdict")).to_contain_text("Gaps: 0.")


async def test_a_number_that_is_nowhere_is_a_gap(tab: Watched, gateway: StandIn) -> None:
    gateway.snapshot["outbox"] = outbox(online=True, depth=4)
    gateway.snapshot["outbox"]["streams"][2]["depth"] = 3
    page = await enter(tab, gateway)
    await expect(page.locator("#outbox-verdict")).to_contain_text("Gaps: 1.")
    await expect(page.locator("#outbox-verdict")).to_have_attribute("data-severity", "error")


async def test_the_simulator_s_buttons_ask_it_and_show_its_answer(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    await expect(page.locator("#simulator")).to_be_hidden()
    gateway.say("snapshot", {**SNAPSHOT, "simulator": gateway.origin})
    await page.get_by_label("Faults last").select_option("30")
    await page.get_by_role("button", name="Cut the internet").click()
    await expect(page.locator("#simulator-answer")).to_have_text("Cut the internet · for 30 s")
    await page.get_by_role("button", name="Send a shopper in").click()
    await expect(page.locator("#simulator-answer")).to_have_text(
        "Send a shopper in · Everybody is in the shop already."
    )
    assert gateway.wishes == [("/cut", {"seconds": 30}), ("/shopper", {})]
    tab.complaints[:] = [each for each in tab.complaints if "409" not in each]


@pytest.mark.parametrize(
    ("type_", "data", "english", "french"),
    [
        (
            "code.scanned",
            {"kind": "product", "marker": None, "elements": [["01", GTIN]], "receiver": "page"},
            "Somebody scanned Trainers on the shoppers’ page",
            "Quelqu’un a scanné Baskets sur la page des clients",
        ),
        (
            "help.requested",
            {"cause": "asked", "zone": "shoes", "product": GTIN, "size": "43"},
            "Somebody asked for a seller Shoes · Trainers · size 43",
            "Quelqu’un a demandé un vendeur Shoes · Baskets · taille 43",
        ),
        (
            "price.mismatch",
            {"product": GTIN, "theirs": 79.9, "ours": 89.9, "currency": "EUR"},
            "Somebody saw Trainers for €79.90 instead of €89.90",
            "Quelqu’un a vu Baskets à 79,90 € au lieu de 89,90 €",
        ),
        ("return.restocked", {"product": GTIN}, "On sale again: Trainers", "De nouveau en vente : Baskets"),
    ],
)
async def test_what_happens_is_told_by_names(
    tab: Watched, gateway: StandIn, type_: str, data: dict[str, Any], english: str, french: str
) -> None:
    told = SNAPSHOT["events"][0] | {"type": f"proximity.{type_}.v1", "subject": None, "data": data}
    gateway.snapshot |= {"events": [told], "decisions": []}
    page = await enter(tab, gateway)
    row = page.locator("#story-list .happening-words")
    await expect(row).to_have_text(however_spaced(english))
    await page.get_by_role("button", name="Français").click()
    await expect(row).to_have_text(however_spaced(french))


def however_spaced(sentence: str) -> re.Pattern[str]:
    return re.compile(r"\s*".join(map(re.escape, sentence.split())))


async def test_another_language_leaves_open_what_is_open_and_the_reader_where_they_are(
    tab: Watched, gateway: StandIn
) -> None:
    entered = SNAPSHOT["events"][0]
    gateway.snapshot["events"] = [entered | {"id": f"e-{number}"} for number in range(60)]
    page = await enter(tab, gateway)
    story, sound = page.locator("#story-list"), page.locator("#sound-conditions")
    await sound.locator("summary").click()
    await story.evaluate("story => { story.scrollTop = 400; }")
    await page.get_by_role("button", name="Français").click()
    await expect(story.locator("> li").last).to_contain_text("entre dans Door")
    await expect(sound).to_have_attribute("open", "")
    assert await story.evaluate("story => story.scrollTop") > 200
    gateway.say("commit", COMMIT)
    await expect(story).to_contain_text("entre dans Tills")
    await expect(page.get_by_role("button", name="Français")).to_be_focused()


async def test_the_focus_stays_while_the_shop_goes_on(tab: Watched, gateway: StandIn) -> None:
    page = await enter(tab, gateway)
    desk, chip = page.locator("[data-figure='desk'] a"), page.locator("#story-list .chip").last
    for shown, place in ((8, desk), (9, chip)):
        await place.focus()
        gateway.say("commit", {**COMMIT, "events": [COMMIT["events"][0] | {"id": f"e-{shown}"}]})
        await expect(page.locator("#story-list > li")).to_have_count(shown)
        await expect(place).to_be_focused()


async def test_a_display_sees_the_plan_and_counts_alone(tab: Watched, gateway: StandIn) -> None:
    seen = ("at", "version", "store", "floorplan", "zones")
    gateway.snapshot = {key: SNAPSHOT[key] for key in seen} | {"me": {"scope": "display", "subject": None}}
    page = await enter(tab, gateway)
    await expect(page.locator(".zone-label", has_text="Door").locator(".count")).to_have_text("1")
    await expect(page.locator("#outbox")).to_be_hidden()
    await expect(page.locator(".person")).to_have_count(0)
    for unknown in (".receiver", ".beacon", ".legend", "#plan .note"):
        await expect(page.locator(unknown).first).to_be_hidden()


async def test_words_from_the_shop_are_never_markup(tab: Watched, gateway: StandIn) -> None:
    decision = SNAPSHOT["decisions"][0] | {"words": {"title": "<img src=x onerror=alert(1)>"}}
    gateway.snapshot["decisions"] = [decision]
    page = await enter(tab, gateway)
    await expect(page.locator("#story-list")).to_contain_text("“<img src=x onerror=alert(1)>”")
