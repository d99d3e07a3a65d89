"""What a frame of 1280 × 720 costs with nothing held up: CPU medians, beside each decoder asked for everything.

The scenes are drawn from a seed: a plain wall, a blurred room with a sensor's noise, a shelf of boxes and prices.
"""

import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np

from gateway.vision.code import Gray
from gateway.vision.decoders import zbar, zxing
from gateway.vision.watcher import LOOKS, Watcher

SIZE = (720, 1280)


def scenes() -> dict[str, Gray]:
    chance = np.random.default_rng(1)
    room = cv2.resize(chance.integers(0, 255, (9, 16)).astype(np.uint8), SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    shelf = room.copy()
    for _ in range(120):
        left, top, width, height = (int(chance.integers(*each)) for each in ((0, 1200), (0, 680), (10, 200), (5, 120)))
        cv2.rectangle(shelf, (left, top), (left + width, top + height), int(chance.integers(0, 255)), -1)
        price = f"{chance.integers(1, 99)},99 EUR"
        cv2.putText(shelf, price, (left, top), cv2.FONT_HERSHEY_SIMPLEX, float(chance.uniform(0.4, 2)), 0, 2)
    noisy = [np.clip(each + chance.normal(0, 5, SIZE), 0, 255).astype(np.uint8) for each in (room, shelf)]
    return {"wall": np.full(SIZE, 128, np.uint8), "room": noisy[0], "shelf": noisy[1]}


def cost_ms(look: Callable[[Gray], object], gray: Gray, times: int) -> float:
    took = []
    for _ in range(times):
        began_s = time.process_time()
        for _ in range(len(LOOKS)):
            look(gray)
        took.append((time.process_time() - began_s) * 1000 / len(LOOKS))
    return statistics.median(took)


def main() -> None:
    cv2.setNumThreads(1)
    for name, gray in scenes().items():
        ours = cost_ms(Watcher().look, gray, 10)
        whole, second = cost_ms(zxing.read, gray, 3), cost_ms(zbar.read, gray, 2)
        peers = (
            f"zxing-cpp for everything {whole:.1f} ms ({whole / ours:.1f}), zbar {second:.1f} ms ({second / ours:.1f})"
        )
        print(f"{name:6} watched {ours:.1f} ms a frame; {peers}")


if __name__ == "__main__":
    main()
