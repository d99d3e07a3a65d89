"""What recognising members costs: a look into a table, making one, and the memory of gateway and children together.

The floor beside the making is a bare loop of `hmac.digest` over the same keys, the peer AES with a key of each member's
own (an Eddystone-EID is two blocks of it, each under another key). CPU time, medians of five rounds, the ways in turn.
Then a million members come to a process that has all of the gateway loaded, as a document; the most that it and its
children hold at once is read from outside, every 20 ms.
"""

import base64
import hmac
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from benchmarks._million import DAY, SLOT, key_of
from gateway.codecs.token_table import TokenTable
from gateway.codecs.tokens import token, token_message
from gateway.core.token_slots import TokenSlots
from gateway.documents.day_keys import PIECE_ROWS, Rows
from gateway.documents.tabulation import tabulate
from gateway.model.documents import Members
from gateway.uplink.tokens import AHEAD

SIZES, ROUNDS, PROBES, AES_KEYS = (1_000, 100_000, 1_000_000), 5, 50_000, 20_000
MOST_MEMBERS = 1_000_000


def cpu_s(work: Callable[[], object]) -> float:
    began_s = time.process_time()
    work()
    return time.process_time() - began_s


def pieces(keys: list[bytes]) -> Iterator[Rows]:
    for at in range(0, len(keys), PIECE_ROWS):
        yield Rows.of(list(enumerate(keys[at : at + PIECE_ROWS], start=at)))


def made(keys: list[bytes]) -> tuple[float, bytes]:
    """CPU seconds of a table, and the table; cutting the keys into pieces is the reader's work, and not counted."""
    cut, into = list(pieces(keys)), BytesIO()
    return cpu_s(lambda: tabulate(cut, SLOT, into)), into.getvalue()


def bare(keys: list[bytes]) -> None:
    message = token_message(SLOT)
    for key in keys:
        hmac.digest(key, message, "sha256")


def aes(keys: list[bytes], blocks: int) -> None:
    for key in keys:
        for _ in range(blocks):
            Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(bytes(16))  # noqa: S305 - what the peer does


def probing(keys: list[bytes], packed: bytes) -> tuple[float, float, float]:
    """CPU µs of a look that finds, one that does not, and one that is remembered, the loop itself taken off."""
    chance = random.Random(7)
    table = TokenTable(memoryview(packed), str)
    held = [token(keys[chance.randrange(len(keys))], SLOT) for _ in range(PROBES)]
    strange = [chance.randbytes(8) for _ in range(PROBES)]
    slots = TokenSlots()
    slots.use(Members(1, {}, tokens_handed=True))
    slots.use_table(SLOT, table)
    few = held[:1000] * (PROBES // 1000)
    found = _each_us(table.holders, held)
    missed = _each_us(table.holders, strange)
    remembered = _each_us(lambda value: slots.handle_of(value, SLOT), few)
    return found, missed, remembered


def _each_us(look: Callable[[bytes], object], values: list[bytes]) -> float:
    def all_of_them(do: Callable[[bytes], object]) -> None:
        for value in values:
            do(value)

    rounds = [cpu_s(lambda: all_of_them(look)) - cpu_s(lambda: all_of_them(len)) for _ in range(ROUNDS)]
    return median(rounds) / len(values) * 1e6


def document(path: Path) -> None:
    """The members of a brand's largest shop, with the keys of three days."""
    facts = {"languages": ["fr"], "purposes": ["presence", "offers"], "segments": ["sneakers"]}
    with path.open("w") as file:
        file.write(json.dumps({"document": "members", "serial": 1}) + "\n")
        for number in range(MOST_MEMBERS):
            key = base64.b64encode(key_of(number)).decode()
            keys = {str(DAY + step): key for step in (-1, 0, 1)}
            file.write(json.dumps({"handle": f"h{number:015d}", "keys": keys} | facts) + "\n")


def _held_mib(pid: int) -> tuple[float, float]:
    """What a process and its children hold (MiB): all, and all but what is a file's and can be read again.

    PSS, and beside it the memory that children are lent, whoever has mapped it yet.
    """
    total, own = 0.0, _lent_mib(pid)
    children = [int(each) for task in Path(f"/proc/{pid}/task").glob("*/children") for each in task.read_text().split()]
    for each in (pid, *children):
        with suppress(OSError):
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()[1:]
            held = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
            own += held["Pss_Anon"]
            total += held["Pss_File"]
    return total + own, own


def _lent_mib(pid: int) -> float:
    files = {}
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if str(each.readlink()).startswith("/memfd:"):
                found = each.stat()
                files[found.st_ino] = found.st_blocks * 512 / (1 << 20)
    return sum(files.values())


def grown(folder: Path) -> dict[str, float]:
    """What `benchmarks._million` says, and the most memory that was held meanwhile."""
    command = [sys.executable, "-m", "benchmarks._million", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ)
    most = [(0.0, 0.0)]
    while process.poll() is None:
        with suppress(OSError):
            most.append(_held_mib(process.pid))
        time.sleep(0.02)
    assert process.stdout is not None
    said: dict[str, float] = json.loads(process.stdout.read())
    return said | {"pss_mib": max(all_of_it for all_of_it, _ in most), "own_mib": max(own for _, own in most)}


def report_probes(all_keys: list[bytes]) -> None:
    print("members    found us   missed us   remembered us   MB a slot")
    found_us = {}
    for size in SIZES:
        _, packed = made(all_keys[:size])
        found, missed, remembered = probing(all_keys[:size], packed)
        found_us[size] = found
        print(f"{size:9,} {found:9.2f} {missed:11.2f} {remembered:15.2f} {len(packed) / 1e6:11.1f}")
    print(
        f"a look among {SIZES[-1]:,} against {SIZES[0]:,}: x{found_us[SIZES[-1]] / found_us[SIZES[0]]:.2f} (at most 2)"
    )


def report_making(all_keys: list[bytes]) -> None:
    rounds: dict[str, list[float]] = {"table": [], "bare hmac.digest": [], "AES, one key": [], "AES, two keys": []}
    for _ in range(ROUNDS):
        rounds["table"].append(made(all_keys)[0] / len(all_keys))
        rounds["bare hmac.digest"].append(cpu_s(lambda: bare(all_keys)) / len(all_keys))
        for blocks, name in ((1, "AES, one key"), (2, "AES, two keys")):
            few = all_keys[:AES_KEYS]
            rounds[name].append(cpu_s(lambda few=few, blocks=blocks: aes(few, blocks)) / AES_KEYS)  # type: ignore[misc]
    per_member = {name: median(each) * 1e6 for name, each in rounds.items()}
    for name, each_us in per_member.items():
        print(f"{name:17} {each_us:6.2f} us a member   x{each_us / per_member['table']:.2f} of the table")
    print(f"table against the bare loop: x{per_member['table'] / per_member['bare hmac.digest']:.2f} (at most 1.3)")


def main() -> None:
    """Print what a look, a table and a million members cost."""
    all_keys = [key_of(number) for number in range(MOST_MEMBERS)]
    report_probes(all_keys)
    report_making(all_keys)
    with tempfile.TemporaryDirectory() as folder:
        document(Path(folder) / "members")
        size_mb = (Path(folder) / "members").stat().st_size / 1e6
        said = grown(Path(folder))
        kept_mb = sum(path.stat().st_size for path in (Path(folder) / "state/documents").iterdir()) / 1e6
    print(f"{MOST_MEMBERS:,} members, a document of {size_mb:.0f} MB, {kept_mb:.0f} MB on disk once it is compiled:")
    print(
        f"compiled in {said['compiled_s']:.0f} s; the table of what is sent now after {said['first_s']:.1f} s,"
        f" all {AHEAD + 2} after {said['tables_s']:.1f} s"
    )
    print(f"most that the event loop worked at a stretch meanwhile: {said['work_ms']:.1f} ms (at most 20)")
    print(f"longest that it waited: {said['stall_ms']:.1f} ms, and an idle one {said['idle_ms']:.1f} ms")
    print(f"gateway and children at most {said['own_mib']:.0f} MiB; {said['pss_mib']:.0f} MiB with pages of files")


if __name__ == "__main__":
    main()
