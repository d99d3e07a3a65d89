"""Draw recorded walks with the true zones and those told: the SVG files in `docs/images` that `docs/accuracy.md` shows.

`python -m benchmarks.plots [FOLDER]`
"""

import math
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Final

from benchmarks.accuracy import ROWS, read, told
from gateway.cli.evaluate import TruePlace, true_places
from gateway.cli.scoring import Placed
from gateway.model.documents import FloorPlan

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
WALKS: Final = (
    ("office with survey", "straight_01", "walk-office"),
    ("doorway drives", "car_sensor_1_measurement_3", "walk-doorway"),
    ("mall floors with survey", "walk-18", "walk-mall"),
)
"""The name of a row, the capture, and the picture."""

WIDE, MAP, LANE, LABEL = 860.0, 260.0, 22.0, 90.0
"""Widths of picture, map and zones' names, and the height of a zone's lane (pixels)."""
FONT: Final = 'font-family="sans-serif" font-size="11" fill="#30343b"'
TRUE, RIGHT, WRONG, INK = "#c9d7ea", "#1d6b45", "#c0392b", "#30343b"


def main() -> None:
    """Draw every walk of `WALKS`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    rows = {row.name: row for row in ROWS}
    for name, stem, picture in WALKS:
        plan, survey, captures = read(rows[name])
        capture = next(path for path in captures if path.stem == stem)
        truth = true_places(capture.with_name(f"{stem}.truth.ndjson"))
        subject = next(iter(truth))
        path = folder / f"{picture}.svg"
        path.write_text(drawn(plan, truth[subject], told(capture, plan, survey)[subject]), encoding="utf-8")
        print(path.name)


def drawn(plan: FloorPlan, truth: Sequence[TruePlace], placed: Sequence[Placed]) -> str:
    """One walk: on the left its way through the zones, on the right the zones over time."""
    mapped = all(zone.polygon for zone in plan.zones.values()) and any(place.at is not None for place in truth)
    left = MAP + 20 if mapped else 0.0
    seen = {place.zone for place in truth} | {place.zone for place in placed}
    zones = [zone for zone in plan.zones if zone in seen]
    high = max(len(zones) * LANE + 46, MAP + 20 if mapped else 0.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:.0f} {high:.0f}" {FONT}>',
        f'<rect width="{WIDE:.0f}" height="{high:.0f}" fill="#fff"/>',
        *(_way(plan, truth, placed) if mapped else ()),
        *_lanes(zones, truth, placed, left),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lanes(zones: Sequence[str], truth: Sequence[TruePlace], placed: Sequence[Placed], left: float) -> Iterator[str]:
    until_s, start = truth[-1].t_s, left + LABEL
    scale = (WIDE - start - 14) / until_s
    for lane, zone in enumerate(zones):
        yield f'<text x="{left + 4:.0f}" y="{lane * LANE + 24:.0f}">{escape(zone)}</text>'
    for zone, from_s, end_s in _stays(truth):
        y, wide = zones.index(zone) * LANE + 10, (end_s - from_s) * scale
        yield f'<rect x="{start + from_s * scale:.1f}" y="{y:.0f}" width="{wide:.1f}" height="18" fill="{TRUE}"/>'
    for said, end_s in zip(placed, [*(each.t_s for each in placed[1:]), until_s], strict=True):
        if said.zone is not None and said.t_s < end_s:
            y = zones.index(said.zone) * LANE + 17
            yield (
                f'<rect x="{start + said.t_s * scale:.1f}" y="{y:.0f}" width="{(end_s - said.t_s) * scale:.1f}" '
                f'height="4" fill="{INK}"/>'
            )
    foot = len(zones) * LANE + 26
    every_s = 10 * math.ceil(until_s / 100)
    for second in range(0, int(until_s) + 1, every_s):
        yield f'<text x="{start + second * scale:.1f}" y="{foot:.0f}" text-anchor="middle">{second} s</text>'
    yield f'<text x="{start:.0f}" y="{foot + 16:.0f}">pale: where it truly was; dark: the zone told</text>'


def _stays(truth: Sequence[TruePlace]) -> list[tuple[str, float, float]]:
    """Zone, first and last moment of every stretch."""
    stays: list[tuple[str, float, float]] = []
    for true, following in pairwise(truth):
        if true.zone is None:
            continue
        goes_on = bool(stays) and stays[-1][0] == true.zone and stays[-1][2] == true.t_s
        from_s = stays.pop()[1] if goes_on else true.t_s
        stays.append((true.zone, from_s, following.t_s))
    return stays


def _way(plan: FloorPlan, truth: Sequence[TruePlace], placed: Sequence[Placed]) -> Iterator[str]:
    """Zones, receivers (squares), and where the subject was each second: green where the zone told was right."""
    corners = [corner for zone in plan.zones.values() for corner in zone.polygon]
    (left, right), (low, top) = ((min(axis), max(axis)) for axis in zip(*corners, strict=True))
    scale = (MAP - 20) / max(right - left, top - low)

    def spot(at: tuple[float, float]) -> tuple[float, float]:
        return 10 + (at[0] - left) * scale, 10 + (top - at[1]) * scale

    for zone in plan.zones.values():
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(spot, zone.polygon))
        yield f'<polygon points="{points}" fill="#f4f5f7" stroke="#b4b9c2"/>'
    for receiver in plan.receivers.values():
        if receiver.at is not None:
            x, y = spot(receiver.at)
            yield f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{INK}"/>'
    for second in range(int(truth[-1].t_s) + 1):
        true = truth[bisect_right(truth, float(second), key=lambda place: place.t_s) - 1]
        if true.at is not None and true.zone is not None:
            x, y = spot(true.at)
            colour = RIGHT if _told_at(placed, second) == true.zone else WRONG
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'


def _told_at(placed: Sequence[Placed], t_s: float) -> str | None:
    after = bisect_right(placed, t_s, key=lambda each: each.t_s)
    return placed[after - 1].zone if after else None


if __name__ == "__main__":
    main()
