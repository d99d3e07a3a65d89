"""Tags of both types: what is written is read, and no tag, however it answers, holds a reader up."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs import type2, type4
from gateway.codecs.apdu import MAX_EXCHANGES, TagError, Talk, hold
from gateway.codecs.type4 import Capability, decode_capability, encode_capability
from simulators.nfc import Type2Tag, Type4Tag

numbers = st.integers(13, 0xFFFF)


@given(st.binary(max_size=140), st.binary(max_size=20))
def test_type_2_gives_what_was_written_over_what_it_held(message: bytes, before: bytes) -> None:
    tag = Type2Tag(before)
    hold(type2.write(message), tag.answer)
    assert hold(type2.read(), tag.answer) == message


@given(st.binary(max_size=2046))
def test_type_4_gives_what_was_written(message: bytes) -> None:
    tag = Type4Tag(b"before")
    hold(type4.write(message), tag.answer)
    assert hold(type4.read(), tag.answer) == message


@given(st.binary(max_size=1008), st.integers(0, 40))
def test_blocks_are_found_behind_empty_ones_and_others(message: bytes, padding: int) -> None:
    memory = b"\x00" * padding + b"\x01\x03\xa0\x0c\x34" + type2.pack(message)
    assert type2.unpack(memory, len(memory)) == message
    assert type2.unpack(memory[: padding + 5], len(memory)) is None


@given(numbers, numbers, numbers, numbers, st.integers(0, 255), st.integers(0, 255))
def test_capability_files_round_trip(read: int, write: int, file: int, size: int, reads: int, writes: int) -> None:
    capability = Capability(read, write, file, size, reads, writes)
    assert decode_capability(encode_capability(capability)) == capability


@given(st.binary(max_size=64), st.integers(1, 64))
def test_any_blocks_are_read_or_refused(memory: bytes, pages: int) -> None:
    try:
        found = type2.unpack(memory[: pages * 4], pages * 4)
    except TagError:
        return
    assert found is None or found == b"" or found in memory


@given(st.lists(st.binary(max_size=20).map(lambda octets: octets + b"\x90\x00"), min_size=1, max_size=8))
@pytest.mark.parametrize("talk", [type2.read, type4.read, type2.lock, type4.lock])
def test_whatever_a_tag_answers_the_talk_ends(talk: "type[Talk[object]]", answers: list[bytes]) -> None:
    count = 0

    def transmit(command: bytes) -> bytes:
        nonlocal count
        count += 1
        size = command[4] if len(command) == 5 else 0
        return answers[count % len(answers)][:-2].ljust(size, b"\x00")[: size or None] + b"\x90\x00"

    with suppress(TagError):
        hold(talk(), transmit)
    assert count <= MAX_EXCHANGES


@pytest.mark.parametrize("kind", [Type2Tag, Type4Tag])
def test_a_tag_torn_away_while_it_is_written_holds_an_empty_message(kind: type[Type2Tag | Type4Tag]) -> None:
    module = type2 if kind is Type2Tag else type4
    new = b"a longer message that takes more than one command to write, and so can be torn"
    whole = [b"before", b"", new]
    for commands in range(40):
        tag, count = kind(b"before"), 0

        def transmit(command: bytes, tag: Type2Tag | Type4Tag = tag, limit: int = commands) -> bytes:
            nonlocal count
            count += 1
            if count > limit:
                raise ConnectionError
            return tag.answer(command)

        with suppress(ConnectionError):
            hold(module.write(new), transmit)
        assert hold(module.read(), tag.answer) in whole


def test_a_locked_tag_is_not_written_and_an_unknown_size_is_not_locked() -> None:
    tag = Type2Tag(b"x")
    hold(type2.lock(), tag.answer)
    assert tag.is_locked
    with pytest.raises(TagError, match="the tag is locked"):
        hold(type2.write(b"y"), tag.answer)
    unknown = Type2Tag(b"x", pages=60)
    with pytest.raises(TagError, match="its maker's tool"):
        hold(type2.lock(), unknown.answer)
    assert not unknown.is_locked


def test_a_tag_that_never_ends_is_left() -> None:
    def endless() -> Talk[None]:
        while True:
            yield b"\x00"

    with pytest.raises(TagError, match="has not come to an end"):
        hold(endless(), lambda command: b"\x90\x00")
