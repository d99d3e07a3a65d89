/** The floor plan: zones with their counts, what hears and what transmits, drawn from the snapshot's metres. */

import { drawing, element, icon, refill, remake } from "/pages/scripts/elements.js";
import { bounds, fitted, laidOut } from "/pages/scripts/geometry.js";
import { titled } from "/pages/scripts/words.js";

const MARGIN_M = 0.25;
const NARROW_PX = 96;
const SMALL_PX = 520;
const LOWEST_PX = 220;
const OF_THE_WINDOW = 0.64;

const KIND_ICONS = {
  adapter: "radio",
  satellite: "radio",
  camera: "camera",
  nfc: "nfc",
  scanner: "code",
  entrance: "door",
  aisle: "shelf",
  checkout: "till",
  pickup: "parcel",
  fitting: "hanger",
  storefront: "street",
};

/** The icon of a kind of zone or receiver. */
export function kindIcon(kind) {
  return KIND_ICONS[kind] ?? "place";
}

export class Plan {
  constructor(stage) {
    this.svg = drawing("svg", { class: "plan-drawing", role: "img" });
    this.labels = element("div", { class: "plan-labels" });
    this.people = element("div", { class: "plan-people" });
    stage.append(this.svg, this.labels, this.people);
    this.stage = stage;
    this.drawn = null;
  }

  /** Draw what changed; zones only when plan, size or language did. */
  show(shop, words) {
    const width = this.stage.clientWidth;
    const highest = Math.max(LOWEST_PX, window.innerHeight * OF_THE_WINDOW);
    const of = JSON.stringify([shop.floorplan, width, highest, words.language]);
    if (this.drawn !== of) {
      this.drawn = of;
      this.draw(shop, words, width, highest);
    }
    this.count(shop, words);
    this.mark(shop, words);
  }

  draw(shop, words, width, highest) {
    const { zones, lifted } = laidOut(shop.floorplan.zones);
    const box = bounds(zones.flatMap((zone) => zone.polygon));
    const around = {
      left: box.left - MARGIN_M,
      right: box.right + MARGIN_M,
      low: box.low - MARGIN_M,
      high: box.high + MARGIN_M,
    };
    const fit = fitted(around, width, highest);
    this.zones = new Map(zones.map((zone) => [zone.id, { ...zone, polygon: zone.polygon.map(fit.place) }]));
    this.svg.setAttribute("viewBox", `0 0 ${fit.width} ${fit.height}`);
    this.svg.setAttribute("aria-label", words.say("plan.label", { store: shop.store.store }));
    this.stage.style.height = `${fit.height}px`;
    this.stage.classList.toggle("small", width < SMALL_PX);
    this.counts = new Map();
    this.marks = new Map();
    const place = ({ at, zone }) => fit.place([at[0], at[1] + lifted(zone)]);
    const beacons = shop.floorplan.beacons.filter(({ at }) => at !== null);
    const receivers = shop.floorplan.receivers.filter(({ at }) => at !== null);
    this.equipment = width < SMALL_PX ? [] : [...beacons, ...receivers].map(place);
    refill(
      this.svg,
      [...this.zones.values()].map(zoneShape),
      beacons.map((beacon) => beaconShape(beacon, place(beacon), words)),
      receivers.map((receiver) => this.receiverShape(receiver, place(receiver))),
    );
    refill(
      this.labels,
      [...this.zones.values()].map((zone) => this.zoneLabel(zone, words)),
    );
  }

  zoneLabel(zone, words) {
    const { left, right, low } = bounds(zone.polygon);
    const count = element("span", { class: "zone-count" });
    this.counts.set(zone.id, count);
    const name = element("span", { class: "zone-name", title: words.name("zone_kinds", zone.kind) }, titled(zone.id));
    const narrow = right - left < NARROW_PX;
    const label = element(
      "div",
      { class: `zone-label${narrow ? " narrow" : ""}` },
      icon(kindIcon(zone.kind)),
      name,
      count,
    );
    label.dataset.kind = zone.kind;
    Object.assign(label.style, { left: `${left}px`, top: `${low}px`, width: `${right - left}px` });
    return label;
  }

  receiverShape(receiver, [x, y]) {
    const title = drawing("title");
    const sign = drawing("use", { x: -7, y: -7, width: 14, height: 14 });
    const status = drawing("use", { x: 4, y: -13, width: 10, height: 10, class: "receiver-sign" });
    sign.setAttribute("href", `/pages/icons.svg#${kindIcon(receiver.kind)}`);
    this.marks.set(receiver.id, { title, status, kind: receiver.kind });
    const badge = drawing("circle", { cx: 9, cy: -8, r: 6, class: "receiver-badge" });
    const body = drawing("rect", { x: -11, y: -11, width: 22, height: 22, rx: 7 });
    const drawn = drawing("g", { class: "receiver-body" }, body, sign, badge, status);
    const shape = drawing("g", { class: "receiver", transform: `translate(${x} ${y})` }, title, drawn);
    this.marks.get(receiver.id).shape = shape;
    return shape;
  }

  count(shop, words) {
    for (const { zone, members, guests } of shop.zones) {
      const root = this.counts.get(zone);
      if (root === undefined) {
        continue;
      }
      remake(root, [words.language, members, guests], () => [
        counted("count", members, String(members), words.say("plan.members", { count: members })),
        guests === null
          ? null
          : counted("count guests", guests, `+${guests}`, words.say("plan.guests", { count: guests })),
      ]);
    }
  }

  mark(shop, words) {
    for (const [id, { title, status, shape, kind }] of this.marks) {
      const state = shop.receivers.get(id)?.status ?? "unknown";
      shape.dataset.status = state;
      status.setAttribute(
        "href",
        `/pages/icons.svg#${state === "up" ? "tick" : state === "down" ? "cross" : "question"}`,
      );
      title.textContent = `${id} · ${words.name("receiver_kinds", kind)} · ${words.say(`equipment.${state}`)}`;
    }
  }
}

function counted(look, count, text, says) {
  const attributes = { class: count ? look : `${look} none`, role: "img", title: says, "aria-label": says };
  return element("span", attributes, text);
}

function zoneShape(zone) {
  const shape = drawing("polygon", { class: "zone", points: zone.polygon.map((point) => point.join(",")).join(" ") });
  shape.dataset.kind = zone.kind;
  shape.dataset.zone = zone.id;
  return shape;
}

function beaconShape(beacon, [x, y], words) {
  const title = drawing("title", {}, `${beacon.id} · ${words.say("equipment.beacon")}`);
  const body = drawing("rect", { x: -4, y: -4, width: 8, height: 8, rx: 1.5, transform: "rotate(45)" });
  return drawing("g", { class: "beacon", transform: `translate(${x} ${y})` }, title, body);
}
