"""The child of a camera: it is told what to watch, and tells what it sees until there are no more frames."""

import time
from pathlib import Path
from typing import Final

import cv2

from gateway.codecs.camera_link import NotWatching, Watching, WatchOrder, decode_order, encode_told
from gateway.runtime.child_link import ParentLink, serve_parent
from gateway.vision.camera import Frames, NoCamera, open_camera
from gateway.vision.gallery import BadPictures, learn
from gateway.vision.pace import Pace
from gateway.vision.watcher import Watcher

BEAT_S: Final = 1.0
"""How often the child tells that it lives (seconds)."""


def watch(link: ParentLink, order: WatchOrder) -> NotWatching:
    """Look at frames until there are no more; gives why."""

    def alive() -> None:
        link.send(encode_told(Watching(0, 0.0)))

    try:
        gallery = None if order.pictures is None else learn(Path(order.pictures), alive)
        frames = open_camera(order.camera, order.frames_per_s)
    except (BadPictures, OSError) as error:
        return NotWatching("bad_pictures", str(error))
    except NoCamera as error:
        return NotWatching("no_camera", str(error), error.case)
    seen_any = _look(link, order, frames, Watcher(gallery))
    if frames.has_end and seen_any:
        return NotWatching("over", "")
    return NotWatching("no_frames", "the camera gives no more frames" if seen_any else "the camera gives no frames")


def _look(link: ParentLink, order: WatchOrder, frames: Frames, watcher: Watcher) -> bool:
    """Tell what the frames show; whether there were any."""
    pace = Pace(order.frames_per_s, order.cpu)
    beat_s, looks = 0.0, 0
    spent_s = time.process_time()
    seen_any = False
    while frames.grab():
        now_s = time.monotonic()
        gray = frames.gray() if pace.is_due(now_s) else None
        if gray is not None:
            seen_any = True
            looks += 1
            for seen in watcher.look(gray):
                link.send(encode_told(seen))
            pace.looked(now_s, time.process_time())
        if seen_any and now_s - beat_s >= BEAT_S:
            cpu_ms = (time.process_time() - spent_s) * 1000 / max(1, looks)
            link.send(encode_told(Watching(looks, round(cpu_ms, 1))))
            beat_s, looks, spent_s = now_s, 0, time.process_time()
    return seen_any


def obey(link: ParentLink) -> None:
    """Watch what the parent's one order says."""
    cv2.setNumThreads(1)
    order = link.receive()
    if order is not None:
        link.send(encode_told(watch(link, decode_order(order))))


if __name__ == "__main__":
    serve_parent(obey)
