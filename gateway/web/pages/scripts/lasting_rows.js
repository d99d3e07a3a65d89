/** A list whose rows stay while they say the same, so that what is typed or pressed in them is not lost. */

import { element, refill } from "/pages/scripts/elements.js";

export class LastingRows {
  /** `identity(item)` names an item; `make(item)` gives its row. */
  constructor(list, identity, make) {
    this.list = list;
    this.identity = identity;
    this.make = make;
    this.rows = new Map();
  }

  /** Show `items`, or the sentence `nothing`. A row is made anew when its item changed, or `of` did. */
  show(items, of, nothing) {
    const focused = this.focused();
    const before = this.rows;
    this.rows = new Map(items.map((item) => [this.identity(item), this.kept(item, of, before)]));
    const rows = [...this.rows.values()].map(({ row }) => row);
    refill(this.list, rows.length ? rows : element("li", { class: "nothing" }, nothing));
    if (focused !== null && !focused.element.isConnected) {
      this.focus(focused);
    }
  }

  kept(item, of, before) {
    const says = `${of} ${JSON.stringify(item)}`;
    const known = before.get(this.identity(item));
    if (known?.says === says) {
      return known;
    }
    const row = this.make(item);
    if (known !== undefined) {
      carryOver(known.row, row);
    }
    return { says, row };
  }

  /** The row that has the focus, by its identity, and the element in it, by its place; null when none has. */
  focused() {
    const found = [...this.rows].find(([, { row }]) => row.contains(document.activeElement));
    if (found === undefined) {
      return null;
    }
    const [identity, { row }] = found;
    return { identity, element: document.activeElement, place: controls(row).indexOf(document.activeElement) };
  }

  /** Whoever uses the keyboard goes on where they were: in the same row made anew, else at the list. */
  focus({ identity, element, place }) {
    const row = this.rows.get(identity)?.row;
    const next = row && (controls(row)[place] ?? row.querySelector("button:not(.chip), input"));
    (next ?? this.list).focus();
    if (next instanceof HTMLInputElement && element instanceof HTMLInputElement) {
      next.setSelectionRange(element.selectionStart, element.selectionEnd);
    }
  }
}

/** What was typed into a row, and what it was told, goes into the one that takes its place. */
function carryOver(row, next) {
  for (const field of next.querySelectorAll("input")) {
    field.value = row.querySelector(`input[name="${field.name}"]`)?.value ?? "";
  }
  next.querySelector("[role=alert]")?.replaceWith(row.querySelector("[role=alert]"));
}

function controls(row) {
  return [...row.querySelectorAll("button, input")];
}
