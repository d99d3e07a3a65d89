"""Radio in the box: levels fall by distance, are weakened by what stands between, and drift instead of jumping."""

import math
import statistics
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from gateway.codecs.adverts import IBeacon, tokens_in
from gateway.model.sighting import BeaconId, BeaconTelemetry, MemberToken
from simulators.box.links import Links
from simulators.box.senders import Sender, android, beacon, stranger
from simulators.box.store import Clutter, Wall
from simulators.box.walker import Stance
from simulators.members import invent
from simulators.radio import Air, Place

UTC_S = 1_767_603_600.0
STILL = Air(exponent=2.0, shadowing_db=0.0, lost=0.0)
BARE = Clutter(fading_db=0.0)
RECEIVER = (10.0, 0.0)


def heard(links: Links, stance: Stance, others: tuple[Place, ...] = (), t_s: float = 0.0) -> int | None:
    return links.heard_dbm("phone", stance, "gw", RECEIVER, others, t_s)


def test_distance_walls_and_bodies_each_take_their_share() -> None:
    open_space = Links(STILL, BARE, (), 1)
    walled = Links(STILL, BARE, (Wall(((5.0, -1.0), (5.0, 1.0)), 4.0), Wall(((5.0, 1.0), (5.0, 9.0)), 9.0)), 1)
    assert heard(open_space, Stance((0.0, 0.0))) == -79
    assert heard(walled, Stance((0.0, 0.0))) == -83
    assert heard(open_space, Stance((0.0, 0.0), facing_rad=0.0)) == -79
    assert heard(open_space, Stance((0.0, 0.0), facing_rad=math.pi)) == -85
    assert heard(open_space, Stance((0.0, 0.0)), ((5.0, 0.2),)) == -82
    assert heard(open_space, Stance((0.0, 0.0)), ((5.0, 0.2), (6.0, 0.0), (7.0, 0.1))) == -85
    assert heard(open_space, Stance((0.0, 0.0)), ((5.0, 0.5), (11.0, 0.0))) == -79
    assert heard(open_space, Stance((-990.0, 0.0))) is None


def test_shadowing_drifts_with_the_way_and_has_its_spread() -> None:
    links = Links(replace(STILL, shadowing_db=4.0, floor_dbm=-200.0), BARE, (), 1)
    steps = [Stance((0.0, 0.1 * step)) for step in range(4000)]
    db = [
        level - STILL.mean_dbm(stance.at, RECEIVER)
        for number, stance in enumerate(steps)
        if (level := heard(links, stance, t_s=number * 0.1)) is not None
    ]
    assert statistics.pstdev(db) == pytest.approx(4.0, abs=1.0)
    assert statistics.correlation(db[:-1], db[1:]) > 0.85
    assert abs(statistics.correlation(db[:-100], db[100:])) < 0.3
    assert max(abs(after - before) for before, after in pairwise(db)) < 8


def test_links_are_their_own_and_follow_from_the_seed() -> None:
    noisy = Air(shadowing_db=4.0)

    def levels(seed: int, sender: str = "phone") -> list[int | None]:
        links = Links(noisy, Clutter(), (), seed)
        return [links.heard_dbm(sender, Stance((2.0, 2.0)), "gw", RECEIVER, (), t_s) for t_s in range(50)]

    assert levels(1) == levels(1)
    assert levels(1) != levels(2)
    assert levels(1) != levels(1, "other")


def test_what_is_sent_is_what_the_gateway_reads() -> None:
    member = invent("somebody")
    _, token = android("somebody", member, "boutique").advertisement(UTC_S)
    assert tokens_in(token) == (MemberToken(member.token_at("boutique", UTC_S)),)
    frame = IBeacon("5f1d0000-0000-4000-8000-00805f9b0001", 7, 3, -59)
    address, payload = beacon("b-1", frame).advertisement(UTC_S)
    assert tokens_in(payload) == (BeaconId("ibeacon", f"{frame.uuid}/7/3"),)
    assert int(address[:2], 16) >> 6 == 0b11
    of_battery = [beacon("b-1", frame, 2310).advertisement(UTC_S + at_s) for at_s in range(10)]
    assert [tokens_in(payload) for _, payload in of_battery].count((BeaconTelemetry(2310, 21.0),)) == 1
    assert {address for address, _ in of_battery} == {address}


def test_a_stranger_is_nobody_and_changes() -> None:
    sent = [stranger("joris", 1).advertisement(UTC_S + at_s) for at_s in range(0, 1200, 60)]
    assert all(int(address[:2], 16) >> 6 == 0b01 for address, _ in sent)
    assert len({address for address, _ in sent}) == 10
    assert all(tokens_in(payload) == () and len(payload) <= 31 for _, payload in sent)


def test_senders_do_not_keep_time_exactly() -> None:

    sender = Sender("x", 0.25, lambda utc_s: ("", b""))
    pauses = {sender.pause_s(Random(seed)) for seed in range(20)}
    assert len(pauses) > 1
    assert all(0.25 <= pause <= 0.26 for pause in pauses)
