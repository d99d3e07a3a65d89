/** The desk: who wants a seller, whose order is here, what came back, who agreed to advice; and the buttons for it. */

import { refusal } from "/pages/scripts/desk_asks.js";
import { briefRow, helpRow, orderRow, queueRow, returnRow } from "/pages/scripts/desk_rows.js";
import { DeskWatch } from "/pages/scripts/desk_watch.js";
import { element, icon, refill, say } from "/pages/scripts/elements.js";
import { LastingRows } from "/pages/scripts/lasting_rows.js";
import { takesBack } from "/pages/scripts/take_back.js";
import { lasting } from "/pages/scripts/times.js";
import { titled } from "/pages/scripts/words.js";

const SECOND_MS = 1000;
const KEPT = "seller";
const SELLER = /^[A-Za-z0-9._-]{1,64}$/;

/** The lists, in order; one that is `quiet` is shown only when there is something in it. */
const LISTS = [
  { name: "queues", identity: ({ zone }) => zone, make: queueRow, quiet: true },
  { name: "help", identity: ({ help }) => help, make: helpRow },
  { name: "orders", identity: ({ order }) => order, make: orderRow },
  { name: "returns", identity: ({ id }) => id, make: returnRow, quiet: true },
  { name: "briefs", identity: ({ subject }) => subject, make: briefRow, quiet: true },
];

export class DeskPanel {
  /** `choose(subject)` is called when a visitor's name is pressed, `changed()` when there is something new to show. */
  constructor({ root, lists, seller, answer, takeBack }, { choose, changed }) {
    this.root = root;
    this.sellerField = seller;
    this.answer = answer;
    this.choose = choose;
    this.changed = changed;
    this.desk = null;
    this.unread = false;
    this.watch = new DeskWatch((desk) => this.told(desk));
    this.lists = LISTS.map((list) => this.list(list));
    refill(
      lists,
      this.lists.map(({ section }) => section),
    );
    seller.value = localStorage.getItem(KEPT) ?? "";
    seller.addEventListener("change", () => localStorage.setItem(KEPT, seller.value.trim()));
    takesBack(takeBack, (...asked) => this.act(...asked), () => this.words);
    setInterval(() => this.showWaiting(), SECOND_MS);
  }

  /** Take up a message of the live stream. */
  heard(name, message) {
    this.aheadMs = Date.parse(message.at) - Date.now();
    this.watch.heard(name, message);
  }

  /** How many wait for a seller to come; null while nothing is known. */
  get waiting() {
    return this.desk && this.desk.help.filter(({ seller }) => seller === null).length + this.desk.orders.length;
  }

  /** Show what waits, in the shop as it is now. */
  show(shop, words) {
    this.shop = shop;
    this.words = words;
    this.showUnread();
    if (this.desk === null) {
      return;
    }
    for (const { name, rows, section, heading, count, quiet } of this.lists) {
      const items = this.desk[name].map((item) => this.stripped(item));
      section.hidden = quiet === true && items.length === 0;
      heading.textContent = words.name("desk.lists", name);
      count.textContent = items.length ? words.filled(items.length) : "";
      rows.show(items, words.language, words.name("desk.nothing", name));
    }
    this.showPlaces();
    this.showWaiting();
  }

  told(desk) {
    this.unread = desk === null;
    this.desk = desk ?? this.desk;
    this.changed();
  }

  list({ name, identity, make, quiet }) {
    const [heading, count] = [element("span"), element("span", { class: "desk-count" })];
    const list = element("ul", { class: "desk-list", tabindex: "-1" });
    const rows = new LastingRows(list, identity, (item) => make(item, this.given()));
    const section = element("section", { class: "desk-part" }, element("h3", {}, heading, " ", count), list);
    section.dataset.list = name;
    return { name, rows, section, heading, count, quiet };
  }

  /** What rows are given. */
  given() {
    return {
      words: this.words,
      choose: this.choose,
      thing: (gtin) => this.thing(gtin),
      seller: () => this.seller(),
      act: (row, path, body, done) => this.act(row, path, body, done),
    };
  }

  /** An item without where its visitor was: that is shown as the live view has it. */
  stripped(item) {
    return this.shop.visitors.has(item.subject) ? { ...item, zone: null } : item;
  }

  thing(gtin) {
    const names = this.desk.products[gtin] ?? {};
    return names[this.words.language] ?? Object.values(names)[0] ?? gtin;
  }

  /** The name under which the seller at this screen acts; null, and asked for, when there is none. */
  seller() {
    const name = this.sellerField.value.trim();
    if (SELLER.test(name)) {
      return name;
    }
    this.announce("error", "desk.who");
    this.sellerField.focus();
    return null;
  }

  /** Have `path` done for a row, say how it went (why not beside the row, well done at the head), and give whether. */
  async act(row, path, body, done) {
    const problem = row.querySelector(".desk-problem");
    if (row.ariaBusy === "true") {
      return false;
    }
    problem.hidden = true;
    row.ariaBusy = "true";
    const no = await refusal(path, body, this.words);
    row.ariaBusy = "false";
    if (no === null) {
      this.announce("ok", done);
    } else {
      refill(this.answer);
      say(problem, no.key, this.words, no.says);
      problem.hidden = false;
      row.querySelector("input")?.select();
    }
    this.watch.look();
    return no === null;
  }

  announce(severity, key) {
    const says = element("span");
    say(says, key, this.words);
    this.answer.dataset.severity = severity;
    refill(this.answer, icon(severity === "ok" ? "tick" : "alert"), says);
  }

  showUnread() {
    const said = this.answer.dataset.severity === "warning";
    if (this.unread && !said) {
      this.announce("warning", "desk.unread");
    } else if (said && !this.unread) {
      delete this.answer.dataset.severity;
      refill(this.answer);
    }
  }

  showPlaces() {
    for (const place of this.root.querySelectorAll(".desk-place[data-of]")) {
      const { zone } = this.shop.visitors.get(place.dataset.of) ?? {};
      if (zone) {
        place.textContent = titled(zone);
      }
    }
  }

  showWaiting() {
    for (const each of this.root.querySelectorAll(".desk-since")) {
      const time = lasting((Date.now() + this.aheadMs - Date.parse(each.dateTime)) / 1000);
      each.textContent = this.words.say(each.dataset.sentence, { time });
    }
  }
}
