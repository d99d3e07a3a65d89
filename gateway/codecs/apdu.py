"""Talking to a tag: commands out, answers in, without knowing the reader.

A talk is a generator that yields a command (APDU, ISO/IEC 7816-4), is sent the answer, and returns what came of it; so
that what is said is pure, and whoever holds the reader bounds how long it goes on.
"""

from collections.abc import Callable, Generator
from typing import Final, TypeVar

Result = TypeVar("Result")

Talk = Generator[bytes, bytes, Result]

MAX_EXCHANGES: Final = 1_000
"""Commands in one talk: no tag that is read or written here needs more, one that never comes to an end is left."""

_DONE: Final = b"\x90\x00"


class TagError(ValueError):
    """The tag is none that is read or written here, or not as its type says; the message says where and why."""


def ask(command: bytes, what: str) -> Talk[bytes]:
    """The bytes that the tag answers.

    Raises:
        TagError: it refuses; `what` says what was tried.
    """
    answer = yield command
    if answer[-2:] != _DONE:
        msg = f"{what}: the tag answers {answer[-2:].hex() or 'nothing'}"
        raise TagError(msg)
    return answer[:-2]


def hold(talk: Talk[Result], transmit: Callable[[bytes], bytes]) -> Result:
    """Hold a talk over `transmit`, to its end.

    Raises:
        TagError: the talk does, or it does not come to an end.
        Exception: whatever `transmit` raises.
    """
    answer: bytes | None = None
    for _ in range(MAX_EXCHANGES):
        try:
            command = next(talk) if answer is None else talk.send(answer)
        except StopIteration as end:
            result: Result = end.value
            return result
        answer = transmit(command)
    talk.close()
    msg = f"the tag has not come to an end after {MAX_EXCHANGES} commands"
    raise TagError(msg)
