/** Plane geometry of the floor plan: from metres, y up, to pixels, y down; and where people can stand in a zone. */

const UNDRAWN_M = { width: 4.5, height: 3, across: 4, space: 0.4 };
const BETWEEN_FLOORS_M = 1.5;

/**
 * Every zone with a polygon: floors one above the other, zones that the plan does not draw as boxes below them.
 * Gives `{zones: [{id, kind, floor, polygon}], lifted: (zone id) => metres that its floor was moved up}`.
 */
export function laidOut(zones) {
  const floors = [...new Set(zones.map((zone) => zone.floor))].sort();
  const lifts = new Map();
  const placed = [];
  let top = null;
  for (const floor of floors) {
    const drawn = zones.filter((zone) => zone.floor === floor && zone.polygon.length > 2);
    const undrawn = zones.filter((zone) => zone.floor === floor && zone.polygon.length <= 2);
    const own = [...drawn, ...boxes(undrawn, drawn.length ? bounds(drawn.flatMap((zone) => zone.polygon)) : null)];
    const box = bounds(own.flatMap((zone) => zone.polygon));
    const lift = top === null ? 0 : top + BETWEEN_FLOORS_M - box.low;
    own.forEach((zone) => {
      lifts.set(zone.id, lift);
      placed.push({ ...zone, polygon: zone.polygon.map(([x, y]) => [x, y + lift]) });
    });
    top = box.high + lift;
  }
  return { zones: placed, lifted: (zone) => lifts.get(zone) ?? 0 };
}

/** The bounding box of points: `left` and `right` along x, `low` and `high` along y. */
export function bounds(points) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return { left: Math.min(...xs), right: Math.max(...xs), low: Math.min(...ys), high: Math.max(...ys) };
}

/** Fits a box of metres into `width` pixels, at most `highest` high: `{width, height, place: metres => pixels}`. */
export function fitted(box, width, highest) {
  const scale = Math.min(width / (box.right - box.left), highest / (box.high - box.low));
  const offset = (width - scale * (box.right - box.left)) / 2;
  return {
    width,
    height: scale * (box.high - box.low),
    place: ([x, y]) => [offset + scale * (x - box.left), scale * (box.high - y)],
  };
}

/** Whether a point lies in a polygon (even-odd rule). */
export function contains(polygon, [x, y]) {
  let inside = false;
  polygon.forEach(([x1, y1], index) => {
    const [x2, y2] = polygon[(index + 1) % polygon.length];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) {
      inside = !inside;
    }
  });
  return inside;
}

/** Middles of cells of `wide` by `high` pixels that lie within a polygon of pixels, below its first `kept` pixels. */
export function cells(polygon, wide, high, kept) {
  const box = bounds(polygon);
  const columns = Math.floor((box.right - box.left) / wide);
  const rows = Math.floor((box.high - box.low - kept) / high);
  const left = box.left + (box.right - box.left - columns * wide) / 2;
  const first = box.low + kept + (box.high - box.low - kept - rows * high) / 2;
  const middles = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      middles.push([left + (column + 0.5) * wide, first + (row + 0.5) * high]);
    }
  }
  return middles.filter((middle) => contains(polygon, middle));
}

function boxes(undrawn, drawn) {
  const { width, height, across, space } = UNDRAWN_M;
  const left = drawn?.left ?? 0;
  const top = (drawn?.low ?? 0) - space;
  return undrawn.map((zone, index) => {
    const x = left + (index % across) * (width + space);
    const y = top - Math.floor(index / across) * (height + space);
    return {
      ...zone,
      polygon: [
        [x, y],
        [x + width, y],
        [x + width, y - height],
        [x, y - height],
      ],
    };
  });
}
