"""Polygons of a floor plan, in metres."""

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]


def area(corners: Sequence[Point]) -> float:
    """The area in square metres, by the shoelace formula; 0 where all corners lie on a line."""
    closed = (*corners, corners[0])
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(closed))) / 2


def middle(corners: Sequence[Point]) -> Point:
    """The mean of the corners."""
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def contains(corners: Sequence[Point], point: Point) -> bool:
    """Whether `point` is inside, by crossing number: of two zones that share an edge, a point on it is in one only."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in pairwise((*corners, corners[0])):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside
