"""Reference pictures recognised in rendered views, and CPU a frame: 200 posters, tilted, blurred, in glare.

Half as many frames show no poster of the 200: a room alone, or another poster with the same logo, frame and words. The
floor is a frame brought to the size that is looked at.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2

from gateway.vision.gallery import FRAME_PX, Gallery, learn
from gateway.vision.picture_file import reduced
from simulators.posters import poster, view

POSTERS = 200


def gallery_of(posters: int) -> Gallery:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(posters):
            cv2.imwrite(f"{folder}/{number}.png", poster(number))
        return learn(Path(folder), lambda: None)


def main(views: int) -> None:
    cv2.setNumThreads(1)
    gallery = gallery_of(POSTERS)
    right = wrong = false = 0
    took_ms, floor_ms = [], []
    for seed in range(views):
        frame = view(poster(seed % POSTERS), seed)
        began_s = time.process_time()
        shown = gallery.recognise(frame)
        ended_s = time.process_time()
        reduced(frame, FRAME_PX)
        took_ms.append((ended_s - began_s) * 1000)
        floor_ms.append((time.process_time() - ended_s) * 1000)
        right += shown is not None and shown.marker == str(seed % POSTERS)
        wrong += shown is not None and shown.marker != str(seed % POSTERS)
    for seed in range(views // 2):
        stranger = poster(POSTERS + seed) if seed % 2 else None
        false += gallery.recognise(view(stranger, views + seed)) is not None
    half, floor = statistics.median(took_ms), statistics.median(floor_ms)
    print(f"{views} views of {POSTERS} posters: right {right / views:.1%}, taken for another {wrong}")
    print(f"{views // 2} frames without one of them: taken for one {false}")
    print(f"CPU {half:.1f} ms a frame (at most {max(took_ms):.0f}); floor {floor:.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
