"""`python -m tests.fuzz TARGET SECONDS [CORPUS]`: fuzz a target by what it covers (atheris: pip install atheris).

What it finds is written as `crash-…`: mend it, and keep it under `tests/fuzz/cases/TARGET/`.
"""

import sys

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed here: pip install atheris; tests/fuzz/test_targets.py does without")

with atheris.instrument_imports(include=["gateway.codecs"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    target, seconds, *corpus = sys.argv[1:]
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=512", "-timeout=2", *corpus], TARGETS[target])
    atheris.Fuzz()


main()
