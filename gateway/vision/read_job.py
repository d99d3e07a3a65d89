"""The child of `read`: it is named picture after picture and answers what each holds."""

import json
import os
from pathlib import Path

import cv2

from gateway.runtime.child import OUT_OF_MEMORY
from gateway.runtime.child_link import ParentLink
from gateway.vision.picture_file import PictureProblem, load
from gateway.vision.reader import read_codes


def answered(path: Path) -> dict[str, object]:
    """`codes` of a picture, or its `problem`, as `read` prints them."""
    try:
        readings = read_codes(load(path))
    except PictureProblem as problem:
        return {"problem": str(problem)}
    codes = [each.code for each in readings]
    return {"codes": [{"symbology": each.symbology, "text": each.text, "bytes": each.octets.hex()} for each in codes]}


def main() -> None:
    """Answer until the parent names no more."""
    link = ParentLink()
    cv2.setNumThreads(1)
    while (named := link.receive()) is not None:
        try:
            answer = answered(Path(os.fsdecode(named)))
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        link.send(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
