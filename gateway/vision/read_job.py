"""The child of `read`: it is named picture after picture and answers what each holds."""

import json
import os
from pathlib import Path

import cv2

from gateway.runtime.child_link import ParentLink, serve_parent
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


def answer_all(link: ParentLink) -> None:
    """Answer until the parent names no more."""
    cv2.setNumThreads(1)
    while (named := link.receive()) is not None:
        link.send(json.dumps(answered(Path(os.fsdecode(named)))).encode())


if __name__ == "__main__":
    serve_parent(answer_all)
