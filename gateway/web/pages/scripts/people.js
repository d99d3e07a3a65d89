/** Who is on the floor plan: a dot each, walking from zone to zone. The gateway knows zones; where in one is drawn. */

import { element, icon, refill } from "/pages/scripts/elements.js";
import { cells } from "/pages/scripts/geometry.js";
import { fnv1a, pseudonym } from "/pages/scripts/pseudonym.js";
import { titled } from "/pages/scripts/words.js";

/** Cells from roomy to crowded; only a roomy one has the name below the dot. */
const CELLS = [
  { wide: 76, high: 46, named: true },
  { wide: 56, high: 42, named: false },
  { wide: 32, high: 30, named: false },
  { wide: 25, high: 25, named: false },
  { wide: 17, high: 17, named: false },
];
const LABEL_PX = 26;
const LABEL_NARROW_PX = 44;
const NARROW_PX = 96;
const CLEAR_PX = 8;
const LEAVING_MS = 600;

export class People {
  /** `choose(subject)` is called when a dot is pressed. */
  constructor(layer, elsewhere, choose) {
    this.layer = layer;
    this.elsewhere = elsewhere;
    this.choose = choose;
    this.dots = new Map();
    this.seats = new Map();
  }

  /** Place everybody on a drawn plan: in its zones, clear of its equipment. */
  show(visitors, { zones, equipment }, chosen, words) {
    this.equipment = equipment;
    const placed = [...visitors.values()].filter((visitor) => zones.has(visitor.zone));
    for (const zone of zones.values()) {
      this.seat(
        zone,
        placed.filter((visitor) => visitor.zone === zone.id),
        chosen,
        words,
      );
    }
    const present = new Set(placed.map((visitor) => visitor.subject));
    [...this.dots.keys()].filter((subject) => !present.has(subject)).forEach((subject) => this.leave(subject));
    this.showElsewhere(
      [...visitors.values()].filter((visitor) => !zones.has(visitor.zone)),
      words,
    );
  }

  /** Where a subject's dot is, in pixels; null when it has none. */
  placeOf(subject) {
    return this.dots.get(subject)?.at ?? null;
  }

  seat(zone, visitors, chosen, words) {
    const { places, cell } = roomFor(zone.polygon, visitors.length, this.equipment);
    const before = this.seats.get(zone.id);
    const kept = before?.wide === cell.wide && before.count === places.length ? before.taken : new Map();
    const taken = new Map(
      visitors.filter((each) => kept.has(each.subject)).map((each) => [each.subject, kept.get(each.subject)]),
    );
    const used = new Set(taken.values());
    for (const { subject } of visitors.filter((each) => !taken.has(each.subject))) {
      let place = fnv1a(subject) % places.length;
      while (used.has(place) && used.size < places.length) {
        place = (place + 1) % places.length;
      }
      used.add(place);
      taken.set(subject, place);
    }
    this.seats.set(zone.id, { wide: cell.wide, count: places.length, taken });
    visitors.forEach((each) => this.put(each, places[taken.get(each.subject)], cell, chosen, words));
  }

  put(visitor, at, cell, chosen, words) {
    const dot = this.dots.get(visitor.subject) ?? this.enter(visitor);
    dot.at = at;
    const { name } = pseudonym(visitor.subject);
    const says = words.say("plan.person", { name, zone: titled(visitor.zone) });
    dot.button.style.transform = `translate(${at[0]}px, ${at[1]}px)`;
    dot.button.classList.toggle("named", cell.named);
    dot.button.classList.toggle("tiny", cell.wide < 20);
    dot.button.setAttribute("aria-label", says);
    dot.button.setAttribute("aria-pressed", String(chosen === visitor.subject));
    dot.button.title = `${says} · ${words.name("assurance", visitor.assurance)}`;
    dot.button.dataset.zone = visitor.zone;
  }

  enter(visitor) {
    const { name, initials, hue, tag } = pseudonym(visitor.subject);
    const face = element("span", { class: "face" }, tag ? icon("tag") : initials);
    const button = element(
      "button",
      { type: "button", class: `person ${visitor.kind}`, click: () => this.choose(visitor.subject) },
      face,
      element("span", { class: "person-name" }, name),
    );
    button.dataset.subject = visitor.subject;
    button.style.setProperty("--hue", hue);
    this.layer.append(button);
    const dot = { button, at: null };
    this.dots.set(visitor.subject, dot);
    return dot;
  }

  leave(subject) {
    const { button } = this.dots.get(subject);
    this.dots.delete(subject);
    button.classList.add("leaving");
    button.disabled = true;
    setTimeout(() => button.remove(), LEAVING_MS);
  }

  showElsewhere(visitors, words) {
    const of = [words.language, ...visitors.map(({ subject }) => subject)].join(" ");
    if (this.elsewhere.dataset.of !== of) {
      this.elsewhere.dataset.of = of;
      this.elsewhere.hidden = visitors.length === 0;
      const names = visitors.map(({ subject }) => chip(subject, this.choose));
      refill(this.elsewhere, element("span", {}, words.say("plan.elsewhere")), names);
    }
  }
}

/** A subject as a small coloured button with its name. */
export function chip(subject, choose) {
  const { name, hue, tag } = pseudonym(subject);
  const button = element(
    "button",
    { type: "button", class: `chip${tag ? " tag" : ""}`, click: () => choose(subject) },
    name,
  );
  button.style.setProperty("--hue", hue);
  return button;
}

/** Places for `count` people in a zone: as roomy as can be, clear of the equipment if that can be. */
function roomFor(polygon, count, equipment) {
  const width = Math.max(...polygon.map(([x]) => x)) - Math.min(...polygon.map(([x]) => x));
  const label = width < NARROW_PX ? LABEL_NARROW_PX : LABEL_PX;
  const rooms = CELLS.map((cell) => ({ cell, places: cells(polygon, cell.wide, cell.high, label) }));
  const clear = rooms.map(({ cell, places }) => ({
    cell,
    places: places.filter((place) => isClear(place, cell, equipment)),
  }));
  const suffices = ({ places }) => places.length >= Math.max(count, 1);
  const most = rooms.reduce((best, room) => (room.places.length > best.places.length ? room : best));
  const found = clear.find(suffices) ?? rooms.find(suffices) ?? most;
  return found.places.length ? found : { cell: CELLS.at(-1), places: [middle(polygon)] };
}

function isClear([x, y], { wide, high }, equipment) {
  return equipment.every(
    ([x1, y1]) => Math.abs(x - x1) > wide / 2 + CLEAR_PX || Math.abs(y - y1) > high / 2 + CLEAR_PX,
  );
}

function middle(polygon) {
  const sum = polygon.reduce(([x, y], [x1, y1]) => [x + x1, y + y1], [0, 0]);
  return sum.map((each) => each / polygon.length);
}
