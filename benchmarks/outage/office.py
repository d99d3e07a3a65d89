"""A head office that costs next to nothing: takes events, sees whether one is missing, acknowledges ten times a second.

Its MQTT 3.1.1 is framed by hand, so that the machine's other core is left to broker and gateway. It ends when its
standard input does, and prints what it saw.

    python -m benchmarks.outage.office PORT
"""

import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

ACK_EVERY_S: Final = 0.1
_CONNECT: Final = b"\x10\x13\x00\x04MQTT\x04\x02\x00\x00\x00\x07offices"
_PUBLISH: Final = 3


@dataclass(slots=True)
class StreamSeen:
    """What came of one stream: all up to `contiguous`, and what lies beyond a hole."""

    contiguous: int = 0
    told: int = 0
    duplicates: int = 0
    ahead: set[int] = field(default_factory=set)

    def take(self, sequence: int) -> None:
        if sequence != self.contiguous + 1:
            if sequence <= self.contiguous or sequence in self.ahead:
                self.duplicates += 1
            else:
                self.ahead.add(sequence)
            return
        self.contiguous = sequence
        while self.contiguous + 1 in self.ahead:
            self.contiguous += 1
            self.ahead.remove(self.contiguous)


class Office:
    """Reads packets as they come and answers them in one write a read."""

    def __init__(self, port: int) -> None:
        self.streams: dict[bytes, StreamSeen] = {}
        self.redemptions_ms: list[float] = []
        self._buffer = b""
        self._incarnation = b""
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        topic = b"proximity/v1/+/+/+/events/+"
        self._socket.sendall(_CONNECT + _packet(0x82, b"\x00\x01" + _text(topic) + b"\x01"))

    def run(self) -> None:
        due_s = 0.0
        while True:
            ready, _, _ = select.select([self._socket, sys.stdin], [], [], ACK_EVERY_S)
            if sys.stdin in ready and not sys.stdin.readline():
                return
            if self._socket in ready:
                self._read()
            if time.monotonic() >= due_s:
                due_s = time.monotonic() + ACK_EVERY_S
                self._acknowledge()

    def _read(self) -> None:
        came = self._socket.recv(262_144)
        if not came:
            sys.exit("the broker closed the connection")
        self._buffer += came
        answers = b"".join(self._take(head, body) for head, body in self._packets())
        self._socket.sendall(answers)

    def _packets(self) -> Iterator[tuple[int, bytes]]:
        buffer, place = self._buffer, 0
        while len(buffer) >= place + 2:
            size, shift, at = 0, 0, place + 1
            while at < len(buffer) and buffer[at] & 128:
                size, shift, at = size | (buffer[at] & 127) << shift, shift + 7, at + 1
            if at >= len(buffer) or len(buffer) < at + 1 + (size := size | buffer[at] << shift):
                break
            yield buffer[place], buffer[at + 1 : at + 1 + size]
            place = at + 1 + size
        self._buffer = buffer[place:]

    def _take(self, head: int, body: bytes) -> bytes:
        """The answer to one packet."""
        if head >> 4 != _PUBLISH:
            return b""
        end = 2 + (body[0] << 8 | body[1])
        topic = body[2:end]
        place = body.index(b'"sequence":"') + 12
        self.streams.setdefault(topic, StreamSeen()).take(int(body[place : place + 20]))
        if not self._incarnation:
            place = body.index(b"/streams/") + 9
            self._incarnation = body[place : place + 16]
        if topic.endswith(b"redemption"):
            made_s = json.loads(body[end + 2 :])["data"]["made_mono_s"]
            self.redemptions_ms.append(1000 * (time.monotonic() - made_s))
        return b"\x40\x02" + body[end : end + 2]

    def _acknowledge(self) -> None:
        for topic, seen in self.streams.items():
            if seen.contiguous > seen.told:
                seen.told = seen.contiguous
                to = topic.replace(b"/events/", b"/acks/%s/" % self._incarnation)
                body = b'{"acked":"%020d"}' % seen.told
                self._socket.sendall(_packet(0x31, _text(to) + body))


def _text(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


def _packet(head: int, body: bytes) -> bytes:
    size, length = len(body), bytearray()
    while True:
        size, low = divmod(size, 128)
        length.append(low | (128 if size else 0))
        if not size:
            return bytes([head]) + bytes(length) + body


def main() -> None:
    office = Office(int(sys.argv[1]))
    office.run()
    figures = {
        "received": sum(seen.contiguous for seen in office.streams.values()),
        "duplicates": sum(seen.duplicates for seen in office.streams.values()),
        "missing": sum(len(seen.ahead) for seen in office.streams.values()),
        "redemptions_ms": office.redemptions_ms,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
