"""Reference pictures recognised in rendered views, and CPU a frame: 200 posters, tilted, blurred, in glare.

Half as many frames show no poster of the 200: a room alone, or another poster with the same logo, frame and words. The
floor is a frame brought to the size that is looked at. What a phone sends is a JPEG, which has to be unpacked first.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2

from gateway.vision.gallery import FRAME_PX, Gallery, learn
from gateway.vision.match_job import looked
from gateway.vision.picture_file import reduced
from simulators.posters import poster, view

POSTERS = 200
SENT_PX = (960, 540)
"""What a page brings a frame to before it sends it."""


def sent(seed: int) -> bytes:
    """A view as a page sends it."""
    small = cv2.resize(view(poster(seed % POSTERS), seed), SENT_PX, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes()


def filmed(gallery: Gallery, views: int) -> str:
    """How many of the frames that pages send are recognised, and what that costs."""
    markers, took_ms = [], []
    for seed in range(views):
        frame = sent(seed)
        began_s = time.process_time()
        markers.append(looked(gallery, frame)[0])
        took_ms.append((time.process_time() - began_s) * 1000)
    right = sum(marker == str(seed % POSTERS) for seed, marker in enumerate(markers))
    wrong = views - right - markers.count(None)
    half = statistics.median(took_ms)
    return f"right {right / views:.1%}, taken for another {wrong}, CPU {half:.1f} ms (at most {max(took_ms):.0f})"


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
    print(f"{views} views as phones send them: {filmed(gallery, views)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
