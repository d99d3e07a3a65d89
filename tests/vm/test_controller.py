"""The controller's side of HCI, octet by octet; and that a sender's turn comes round five times a second."""

from collections import Counter
from random import Random

import pytest

from gateway.codecs.adverts import decode_payload
from tests.vm.air import PACKETS_A_SECOND, SENDERS, packet
from tests.vm.controller import REPORTS_AN_EVENT, Controller, Report, reported
from tests.vm.link import ATTRIBUTES, Link, framed

UTC_S = 1_767_603_600.0


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("01 030c 00", "04 0e 04 01 030c 00"),  # Reset: its status alone
        ("01 0910 00", "04 0e 0a 01 0910 00 f5f4f3f2f1f0"),  # Read BD_ADDR, last octet first
        ("01 0220 00", "04 0e 07 01 0220 00 1b00 08"),  # LE Read Buffer Size
    ],
)
def test_a_command_is_answered_with_its_return_parameters(command: str, answer: str) -> None:
    assert Controller("F0:F1:F2:F3:F4:F5").answers(bytes.fromhex(command)) == (bytes.fromhex(answer),)


def test_it_reports_while_the_host_scans() -> None:
    controller = Controller("F0:F1:F2:F3:F4:F5")
    for enable, scanning in (("01", True), ("00", False)):
        controller.answers(bytes.fromhex(f"01 0c20 02 {enable} 00"))
        assert controller.scanning is scanning
    assert controller.answers(bytes.fromhex("02 000000")) == ()


def test_it_tells_who_connects_and_leaves_and_advertises_no_more_meanwhile() -> None:
    controller = Controller("F0:F1:F2:F3:F4:F5")
    controller.answers(bytes.fromhex("01 0820 20 03 020106" + "00" * 28))
    controller.answers(bytes.fromhex("01 0a20 01 01"))
    assert (controller.advertising, controller.advertisement) == (True, bytes.fromhex("020106"))
    told = controller.connect("5A:00:00:00:00:01")
    assert told == bytes.fromhex("04 3e 13 01 00 4000 01 01 01000000005a 1800 0000 f401 00")
    assert (controller.advertising, controller.connected) == (False, True)
    under_way, over = controller.answers(bytes.fromhex("01 0604 03 4000 13"))
    assert (under_way, over) == (bytes.fromhex("04 0f 04 00 01 0604"), bytes.fromhex("04 05 04 00 4000 16"))
    assert controller.connected is False


def test_frames_are_put_together_of_the_hosts_packets() -> None:
    link = Link()
    assert link.take(bytes.fromhex("02 4000 0600 0500 0400 0a01")) is None
    assert link.take(bytes.fromhex("02 4010 0300 020304")) == (ATTRIBUTES, bytes.fromhex("0a01020304"))
    assert framed(ATTRIBUTES, b"\x0a\x03\x00") == bytes.fromhex("02 4020 0700 0300 0400 0a0300")


def test_a_report_is_laid_out_as_the_specification_says() -> None:
    told = reported([Report("C0:00:00:00:00:01", b"\x02\x01\x06", -60)])
    assert told == bytes.fromhex("04 3e 0f 02 01 03 01 0100000000c0 03 020106 c4")


def test_everybody_sends_what_the_gateway_reads_and_an_event_holds() -> None:
    second = [packet(number, UTC_S, Random(1)) for number in range(PACKETS_A_SECOND)]
    assert set(Counter(each.address for each in second).values()) == {PACKETS_A_SECOND // len(SENDERS)}
    assert all(decode_payload(each.payload).frames for each in second)
    longest = max(second, key=lambda each: len(each.payload))
    assert len(reported([longest] * REPORTS_AN_EVENT)) <= 255
