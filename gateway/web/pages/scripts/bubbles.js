/** Short-lived bubbles over the floor plan: what was just offered, refused, scanned, where it happened. */

import { element, icon } from "/pages/scripts/elements.js";
import { bounds } from "/pages/scripts/geometry.js";
import { scannedThing } from "/pages/scripts/scanned.js";
import { titled } from "/pages/scripts/words.js";

const SHOWN_MS = 4500;
const AT_ONCE = 6;
const ABOVE_PX = 20;
const HIGH_PX = 30;

export class Bubbles {
  /** `things` names products. */
  constructor(layer, things) {
    this.layer = layer;
    this.things = things;
    this.taken = new Map();
  }

  /** Show `happenings` where they happened; `placeOf` gives a subject's place, `zones` the plan's, in pixels. */
  show(happenings, placeOf, zones, words) {
    const thing = (gtin) => this.things.name(gtin, words.language);
    for (const each of happenings.slice(-AT_ONCE)) {
      const at = placeOf(each.subject ?? "") ?? middleOf(zones.get(each.facts.zone));
      const text = bubbleText(each, words, thing);
      if (at !== null && text !== null) {
        this.add(each.kind, text, at);
      }
    }
  }

  add(kind, { sign, text }, [x, y]) {
    const bubble = element("div", { class: `bubble ${kind}` }, icon(sign), element("span", {}, text));
    this.layer.append(bubble);
    const width = bubble.offsetWidth;
    const left = Math.min(Math.max(x, width / 2), this.layer.clientWidth - width / 2);
    const top = this.clear(left, y - ABOVE_PX, width);
    Object.assign(bubble.style, { left: `${left}px`, top: `${top}px` });
    this.taken.set(bubble, { left, top, width });
    setTimeout(() => this.remove(bubble), SHOWN_MS);
    while (this.layer.children.length > AT_ONCE) {
      this.remove(this.layer.firstElementChild);
    }
  }

  /** The place nearest above `top` where a bubble of `width` covers no other. */
  clear(left, top, width) {
    const covered = [...this.taken.values()].find(
      (other) => Math.abs(other.left - left) < (other.width + width) / 2 && Math.abs(other.top - top) < HIGH_PX,
    );
    return covered === undefined ? top : this.clear(left, covered.top - HIGH_PX, width);
  }

  remove(bubble) {
    this.taken.delete(bubble);
    bubble.remove();
  }
}

function bubbleText(happening, words, thing) {
  const { kind, type, facts } = happening;
  if (kind === "offer") {
    return { sign: "offer", text: facts.words?.title ?? titled(facts.campaign) };
  }
  if (kind === "refusal") {
    return { sign: "refusal", text: `${titled(facts.campaign)} · ${words.name("reason_titles", facts.reason)}` };
  }
  if (type === "code.scanned" || type === "tag.tapped") {
    return { sign: type === "code.scanned" ? "code" : "nfc", text: scannedThing(facts, words, thing) };
  }
  return type === "visitor.checked_in" ? { sign: "place", text: words.say("bubbles.checked_in") } : null;
}

function middleOf(zone) {
  if (zone === undefined) {
    return null;
  }
  const { left, right, low, high } = bounds(zone.polygon);
  return [(left + right) / 2, (low + high) / 2];
}
