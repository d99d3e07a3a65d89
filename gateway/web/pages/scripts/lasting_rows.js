/** A list whose rows stay while they say the same, so that what is typed or pressed in them is not lost. */

import { element } from "/pages/scripts/elements.js";

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
    this.place(rows.length ? rows : [element("li", { class: "nothing" }, nothing)]);
    if (focused !== null && !focused.element.isConnected) {
      this.focus(focused.identity);
    }
  }

  /** Only what is out of place moves: a row that is taken out and put back loses the focus. */
  place(rows) {
    [...this.list.children].filter((row) => !rows.includes(row)).forEach((row) => row.remove());
    rows.forEach((row, index) => {
      if (this.list.children[index] !== row) {
        this.list.insertBefore(row, this.list.children[index] ?? null);
      }
    });
  }

  kept(item, of, before) {
    const says = `${of} ${JSON.stringify(item)}`;
    const known = before.get(this.identity(item));
    return known?.says === says ? known : { says, row: this.make(item) };
  }

  /** The identity of the row that has the focus, and the element in it; null when none has. */
  focused() {
    const found = [...this.rows].find(([, { row }]) => row.contains(document.activeElement));
    return found === undefined ? null : { identity: found[0], element: document.activeElement };
  }

  /** Whoever uses the keyboard goes on where they were: in the same row made anew, else at the list. */
  focus(identity) {
    const row = this.rows.get(identity)?.row;
    (row?.querySelector("button:not(.chip), input") ?? this.list).focus();
  }
}
