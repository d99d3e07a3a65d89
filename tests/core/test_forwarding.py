"""A satellite keeps what is read until its shop has it, and what no shop has a use for not at all."""

from dataclasses import replace

from gateway.codecs.member_code import RECORD_TYPE
from gateway.codecs.ndef import OtherRecord, encode
from gateway.core.forwarding import READING, Forwarding, reading_of
from gateway.model.event import Event
from gateway.model.inputs import Acked, ReceiverHealth, Started, Stopping, Tick
from gateway.model.meaning import KeptOut
from gateway.model.sighting import IBEACON, BeaconId, CodeText, NfcTag, Sighting
from gateway.model.step import Save, Step, Stream
from gateway.model.time import Now

INCARNATION = "00" * 8
NOW = Now(1000.0, 1_800_000_000.0, "synced", "boot-1")
MARKER = Sighting("code", "cam-2", CodeText("qr_code", "https://shop.example/m/A7"))
PLATE = Sighting("nfc", "nfc-2", NfcTag(bytes.fromhex("d1010855046578616d706c65")))
TAPPED = Sighting("nfc", "nfc-2", NfcTag(b"\xd1\x01\x05T\x02enA7"))


def forwarding() -> Forwarding:
    return Forwarding(INCARNATION, b"k" * 32)


def kept(sighting: Sighting, now: Now = NOW) -> Event:
    (event,) = forwarding().step(sighting, now).events
    return event


def test_readings_are_numbered_kept_and_committed_at_once() -> None:
    satellite = forwarding()
    first, second = satellite.step(MARKER, NOW), satellite.step(TAPPED, NOW)
    assert [event.sequence for step in (first, second) for event in step.events] == [1, 2]
    assert {event.stream for event in first.events} == {READING}
    assert first.urgent
    assert first.changes == (Save(Stream(READING, next_sequence=2)),)


def test_what_is_taken_is_noted_once_and_never_beyond_what_was_given() -> None:
    satellite = forwarding()
    satellite.step(MARKER, NOW)
    assert satellite.step(Acked(INCARNATION, READING, 2), NOW) == Step()
    assert satellite.step(Acked("ff" * 8, READING, 1), NOW) == Step()
    taken = satellite.step(Acked(INCARNATION, READING, 1), NOW)
    assert taken.changes == (Save(Stream(READING, next_sequence=2, acked=1)),)
    assert satellite.taken == 1
    assert satellite.step(Acked(INCARNATION, READING, 1), NOW) == Step()


def test_a_restarted_satellite_goes_on_counting() -> None:
    satellite = forwarding()
    satellite.restore([Stream(READING, next_sequence=8, acked=5)])
    assert satellite.taken == 5
    (event,) = satellite.step(MARKER, NOW).events
    assert event.sequence == 8


def test_a_members_record_on_a_tag_is_kept_for_the_shop() -> None:
    record = encode(OtherRecord(RECORD_TYPE, b"signed twice"))
    phone = replace(TAPPED, token=NfcTag(record))
    assert reading_of(kept(phone), NOW) == phone


def test_what_no_shop_has_a_use_for_is_neither_kept_nor_told() -> None:
    foreign = replace(MARKER, token=CodeText("qr_code", "https://bank.example/transfer?to=me"))
    assert forwarding().step(foreign, NOW) == Step(answer=KeptOut("foreign_address"))
    assert forwarding().step(replace(PLATE, token=NfcTag(b"")), NOW).answer == KeptOut("empty_tag")
    assert forwarding().step(replace(PLATE, token=NfcTag(b"\xff")), NOW).answer == KeptOut("unreadable_tag")
    assert forwarding().step(PLATE, NOW).answer == KeptOut("foreign_address")


def test_what_another_gateway_may_understand_is_forwarded() -> None:
    coupon = replace(MARKER, token=CodeText("qr_code", "https://shop.example/c/WIN-7"))
    assert kept(coupon).data["text"] == "https://shop.example/c/WIN-7"


def test_radio_time_and_health_are_nothing_to_keep() -> None:
    packet = Sighting("ble", "gw-2", BeaconId(IBEACON, "x"), -60.0)
    for each in (packet, Tick(), ReceiverHealth("gw-2", "up")):
        assert forwarding().step(each, NOW) == Step()


def test_begin_and_end_are_committed() -> None:
    for each in (Started("1"), Stopping()):
        assert forwarding().step(each, NOW).changes == (Save(Stream(READING)),)


def test_a_reading_is_told_as_old_as_it_is() -> None:
    shown = replace(MARKER, medium="nfc.wallet")
    for sighting in (MARKER, TAPPED, shown):
        later = replace(NOW, mono_s=NOW.mono_s + 90.25, utc_s=NOW.utc_s + 90.25)
        assert reading_of(kept(sighting), later) == replace(sighting, age_s=90.25)


def test_a_clock_that_is_set_meanwhile_changes_nothing() -> None:
    later = replace(NOW, mono_s=NOW.mono_s + 5.0, utc_s=NOW.utc_s - 86_400.0)
    assert reading_of(kept(MARKER), later) == replace(MARKER, age_s=5.0)


def test_after_a_boot_the_wall_clocks_tell_or_nobody() -> None:
    booted = replace(NOW, mono_s=3.0, utc_s=NOW.utc_s + 600.0, boot_id="boot-2")
    assert reading_of(kept(MARKER), booted) == replace(MARKER, age_s=600.0)
    assert reading_of(kept(MARKER, replace(NOW, clock="unset")), booted) == MARKER


def test_of_a_reading_that_was_lost_nothing_is_told_but_that() -> None:
    dropped = replace(kept(MARKER), type="event.dropped", data={"first": "1", "last": "1", "reason": "damaged"})
    assert reading_of(dropped, NOW) is None
