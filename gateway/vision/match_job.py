"""The child of the pictures that phones film: it learns the reference pictures, then says what each frame shows."""

import time
from pathlib import Path
from typing import Final

import cv2

from gateway.codecs.picture_link import Learned, Learning, Looked, MatchOrder, NotMatching, decode_order, encode_told
from gateway.runtime.child_link import ParentLink, serve_parent
from gateway.vision.gallery import BadPictures, Gallery, learn
from gateway.vision.picture_file import PictureProblem, unpack

LONGEST_REST_S: Final = 5.0
"""The longest pause between two frames (seconds): after a longer one the parent would take the child for hung."""


def match(link: ParentLink, order: MatchOrder) -> None:
    """Answer frames until the parent has no more."""
    try:
        gallery = learn(Path(order.pictures), lambda: link.send(encode_told(Learning())))
    except (BadPictures, OSError) as error:
        link.send(encode_told(NotMatching(str(error))))
        return
    link.send(encode_told(Learned(len(gallery))))
    while (frame := link.receive()) is not None:
        began_s, spent_s = time.monotonic(), time.process_time()
        marker, problem = looked(gallery, frame)
        del frame  # looked at, and forgotten: the next one may be long in coming
        cost_s = time.process_time() - spent_s
        link.send(encode_told(Looked(marker, round(cost_s * 1000, 1), problem)))
        time.sleep(rest_s(cost_s, time.monotonic() - began_s, order.cpu))


def looked(gallery: Gallery, frame: bytes) -> tuple[str | None, str | None]:
    """The marker of the picture in a frame, if any, and why the frame cannot be looked at, if so."""
    try:
        shown = gallery.recognise(unpack(frame))
    except PictureProblem as problem:
        return None, str(problem)
    return (None if shown is None else shown.marker), None


def rest_s(cost_s: float, taken_s: float, cpu: float) -> float:
    """How long to pause after a frame that cost `cost_s` of a processor in `taken_s`, of which we may have `cpu`."""
    return min(LONGEST_REST_S, max(0.0, cost_s / cpu - taken_s))


def obey(link: ParentLink) -> None:
    """Recognise what the parent's one order names."""
    cv2.setNumThreads(1)
    order = link.receive()
    if order is not None:
        match(link, decode_order(order))


if __name__ == "__main__":
    serve_parent(obey)
