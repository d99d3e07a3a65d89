"""What it costs to find whose changing Bluetooth address one is, key by key, beside bluetooth-data-tools.

The worst case: an address of nobody known, tried with every key. CPU time, medians of rounds, the two in turn.
"""

import random
import time
from collections.abc import Callable
from statistics import median

from bluetooth_data_tools import get_cipher_for_irk, resolve_private_address

from gateway.codecs.private_address import AddressResolver
from gateway.model.devices import MOST_DEVICES

ROUNDS, ADDRESSES = 9, 20


def cpu_ns_per_key(work: Callable[[str], object], addresses: list[str]) -> float:
    began_s = time.process_time()
    for address in addresses:
        work(address)
    return (time.process_time() - began_s) / len(addresses) / MOST_DEVICES * 1e9


def main() -> None:
    chance = random.Random(7)
    irks = [chance.randbytes(16) for _ in range(MOST_DEVICES)]
    addresses = [bytes([0x40 | chance.randrange(64), *chance.randbytes(5)]).hex(":") for _ in range(ADDRESSES)]
    resolver, ciphers = AddressResolver(irks), [get_cipher_for_irk(irk) for irk in irks]

    def peer(address: str) -> int | None:
        return next((at for at, cipher in enumerate(ciphers) if resolve_private_address(cipher, address)), None)

    assert [resolver.index(address) for address in addresses] == [peer(address) for address in addresses]
    ours_ns, peers_ns = [], []
    for _ in range(ROUNDS):
        ours_ns.append(cpu_ns_per_key(resolver.index, addresses))
        peers_ns.append(cpu_ns_per_key(peer, addresses))
    ours, theirs = median(ours_ns), median(peers_ns)
    print(f"{MOST_DEVICES} keys, CPU per key: ours {ours:.0f} ns, bluetooth-data-tools {theirs:.0f} ns", end=", ")
    print(f"ratio {theirs / ours:.1f}")
    print(f"an address that is nobody's, tried once and then remembered: {ours * MOST_DEVICES / 1e6:.2f} ms")


if __name__ == "__main__":
    main()
