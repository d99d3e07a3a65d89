"""Addresses of phones are in memory for as long as they are in use, and for a quarter of an hour at most after that."""

from types import SimpleNamespace
from typing import Any

from gateway.core.handovers import KEPT_S, Handovers
from gateway.model.devices import Devices
from gateway.model.inputs import Erase, FreshSalt
from gateway.model.sighting import Sighting, Stranger
from gateway.sensing.ble import transmitters
from gateway.sensing.ble.transmitters import Transmitters
from gateway.sensing.salts import EVERY_S
from tests.core.desk import open_desk
from tests.core.shops import Hand

PHONE, OTHER = "5C:A1:B2:C3:D4:E5", "4F:DE:AD:BE:EF:77"


def test_who_carried_which_phone_is_forgotten_with_the_phone_and_with_the_member() -> None:
    handovers = Handovers()
    handovers.hear(PHONE, "m.ada", 0.0)
    handovers.hear(OTHER, "m.bob", 600.0)
    handovers.hear(OTHER, "m.bob", KEPT_S + 1.0)
    assert PHONE not in repr(vars(handovers)), "it was not heard for long"
    handovers.hear(PHONE, "m.ada", KEPT_S + 2.0)
    handovers.forget_subject("m.bob")
    assert (OTHER in repr(vars(handovers)), PHONE in repr(vars(handovers))) == (False, True)
    handovers.forget(2 * KEPT_S + 3.0)
    assert vars(handovers) == vars(Handovers())


def test_even_where_only_salts_pass_the_time_it_is_a_quarter_of_an_hour_at_most() -> None:
    assert KEPT_S + EVERY_S <= 900.0
    assert transmitters.KEPT_S <= 900.0


def test_a_phone_that_is_heard_all_the_time_is_still_handed_on() -> None:
    handovers = Handovers()
    for second in range(0, int(2 * KEPT_S), 60):
        assert handovers.hear(PHONE, "m.ada", float(second)) is None
    assert handovers.hear(PHONE, "m.bob", 2 * KEPT_S) == "m.ada"


def test_a_transmitter_that_fell_silent_is_forgotten_by_the_receiver() -> None:
    known = Transmitters()
    for path, heard_s in (("dev_5C_A1_B2_C3_D4_E5", 0.0), ("dev_4F_DE_AD_BE_EF_77", 60.0)):
        advertisement: Any = SimpleNamespace(platform_data=(path, {}))
        assert known.tokens(advertisement, heard_s, exact=True) == ()
    known.forget(transmitters.KEPT_S)
    assert list(known._known) == ["dev_4F_DE_AD_BE_EF_77"]


def test_with_each_salt_the_shop_forgets_addresses_and_an_erased_members_at_once() -> None:
    hand = open_desk()
    hand.engine._devices.use(Devices(1, (bytes(16),)))
    hand.give(1.0, Sighting("ble", "rx-door", Stranger(), -60.0, OTHER))
    hand.engine._attendance._handovers.hear(PHONE, "m.ada", 1.0)
    assert (OTHER in remembered(hand), PHONE in remembered(hand)) == (True, True)
    hand.give(2.0, FreshSalt(bytes(32), bytes(32)))
    assert (OTHER in remembered(hand), PHONE in remembered(hand)) == (False, True)
    hand.give(3.0, Erase("ada"))
    assert PHONE not in remembered(hand)


def remembered(hand: Hand) -> str:
    engine = hand.engine
    parts = (engine._attendance._handovers, engine._devices, engine._listening._traffic)
    return repr([vars(part) for part in parts])
