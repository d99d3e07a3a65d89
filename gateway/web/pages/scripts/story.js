/** The story: moments, offers and refusals in words, newest first, by kind and by visitor. */

import { element, icon, refill } from "/pages/scripts/elements.js";
import { chip } from "/pages/scripts/people.js";
import { tell } from "/pages/scripts/telling.js";
import { timeOfDay } from "/pages/scripts/times.js";

const KINDS = ["all", "moment", "offer", "refusal", "shop"];
const SHOWN = 150;

export class Story {
  /** `things` names products; `choose(subject)` is called when a visitor's name is pressed, with null to take it back. */
  constructor({ list, filters, about }, things, choose) {
    this.list = list;
    this.about = about;
    this.things = things;
    this.choose = choose;
    this.kind = "all";
    this.shown = null;
    this.buttons = new Map(KINDS.map((kind) => [kind, this.filter(kind)]));
    refill(
      filters,
      [...this.buttons.values()].map(({ button }) => button),
    );
  }

  /** Show the happenings of `shop`, those about `chosen` alone when a visitor is chosen. */
  show(shop, chosen, words) {
    this.latest = [shop, chosen, words];
    this.showFilters(shop, chosen, words);
    this.showAbout(chosen, words);
    const wanted = shop.happenings
      .filter((each) => this.wants(each, chosen))
      .slice(-SHOWN)
      .reverse();
    const of = `${words.language} ${this.kind} ${chosen} ${this.things.known}`;
    const anew = this.shown !== of;
    const known = new Map(anew ? [] : [...this.list.children].map((row) => [row.dataset.key, row]));
    const rows = wanted.map((each) => known.get(each.key) ?? this.row(each, shop, words, !anew));
    this.shown = of;
    if (rows.length === 0) {
      rows.push(element("li", { class: "nothing" }, words.say("story.nothing")));
    }
    refill(this.list, rows);
  }

  wants(happening, chosen) {
    const kind = this.kind === "all" || this.kind === happening.kind;
    return kind && isAbout(happening, chosen);
  }

  showFilters(shop, chosen, words) {
    const about = shop.happenings.filter((each) => isAbout(each, chosen));
    for (const [kind, { button, name, count }] of this.buttons) {
      button.setAttribute("aria-pressed", String(kind === this.kind));
      name.textContent = words.say(`story.kinds.${kind}`);
      count.textContent = kind === "all" ? "" : String(about.filter((each) => each.kind === kind).length);
    }
  }

  /** A filter's button, made once: one made anew while it is being pressed would not hear the click. */
  filter(kind) {
    const [name, count] = [element("span"), element("span", { class: "filter-count" })];
    const press = () => {
      this.kind = kind;
      this.show(...this.latest);
    };
    const button = element("button", { type: "button", click: press }, name, count);
    button.dataset.kind = kind;
    return { button, name, count };
  }

  showAbout(chosen, words) {
    this.about.hidden = chosen === null;
    if (chosen === null || this.about.dataset.subject === chosen + words.language) {
      return;
    }
    this.about.dataset.subject = chosen + words.language;
    const everybody = element(
      "button",
      { type: "button", class: "plain", click: () => this.choose(null) },
      words.say("story.everybody"),
    );
    refill(
      this.about,
      element("span", {}, words.say("story.only")),
      chip(chosen, this.choose),
      element("code", {}, chosen),
      everybody,
    );
  }

  row(happening, shop, words, fresh) {
    const thing = (gtin) => this.things.name(gtin, words.language);
    const clock = { now: happening.at, timeZone: shop.store.timezone };
    const { sign, sentence, somebody, detail } = tell(happening, words, thing, clock);
    const time = timeOfDay(happening.at, words.language, shop.store.timezone);
    const nobody = somebody ? words.say("desk.somebody") : null;
    const who = happening.subject === null ? nobody : chip(happening.subject, this.choose);
    const row = element(
      "li",
      { class: `happening ${happening.kind}${fresh ? " fresh" : ""}` },
      element("span", { class: "happening-sign" }, icon(sign)),
      element(
        "div",
        { class: "happening-words" },
        element("p", {}, who, " ", sentence),
        detail ? element("p", { class: "detail" }, detail) : null,
      ),
      element("time", { datetime: happening.at }, time),
    );
    row.dataset.key = happening.key;
    return row;
  }
}

/** Whether a happening belongs to the story of `chosen`, or of everybody. */
function isAbout(happening, chosen) {
  return chosen === null ? !happening.quiet : chosen === happening.subject;
}
