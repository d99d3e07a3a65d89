"""The controller's side of HCI, octet by octet; and that a sender's turn comes round five times a second."""

from collections import Counter
from random import Random

import pytest

from gateway.codecs.adverts import decode_payload
from tests.vm.air import PACKETS_A_SECOND, SENDERS, packet
from tests.vm.controller import REPORTS_AN_EVENT, Controller, Report, reported

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
    assert Controller("F0:F1:F2:F3:F4:F5").answer(bytes.fromhex(command)) == bytes.fromhex(answer)


def test_it_reports_while_the_host_scans() -> None:
    controller = Controller("F0:F1:F2:F3:F4:F5")
    for enable, scanning in (("01", True), ("00", False)):
        controller.answer(bytes.fromhex(f"01 0c20 02 {enable} 00"))
        assert controller.scanning is scanning
    assert controller.answer(bytes.fromhex("02 000000")) is None


def test_a_report_is_laid_out_as_the_specification_says() -> None:
    told = reported([Report("C0:00:00:00:00:01", b"\x02\x01\x06", -60)])
    assert told == bytes.fromhex("04 3e 0f 02 01 03 01 0100000000c0 03 020106 c4")


def test_everybody_sends_what_the_gateway_reads_and_an_event_holds() -> None:
    second = [packet(number, UTC_S, Random(1)) for number in range(PACKETS_A_SECOND)]
    assert set(Counter(each.address for each in second).values()) == {PACKETS_A_SECOND // len(SENDERS)}
    assert all(decode_payload(each.payload).frames for each in second)
    longest = max(second, key=lambda each: len(each.payload))
    assert len(reported([longest] * REPORTS_AN_EVENT)) <= 255
