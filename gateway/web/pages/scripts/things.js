/** What products are called, as the shop says: each asked for once, its number shown until the name is there. */

import { asked } from "/pages/scripts/visitor.js";

const MOST = 500;
const UNKNOWN = 404;

export class Things {
  /** `changed()` is called when a name has come. */
  constructor(changed) {
    this.changed = changed;
    this.names = new Map();
    this.known = 0;
  }

  /** The name of a GTIN in `language`, else in any other; its digits while there is none. */
  name(gtin, language) {
    if (!this.names.has(gtin) && this.names.size < MOST) {
      this.names.set(gtin, {});
      this.ask(gtin);
    }
    const names = this.names.get(gtin) ?? {};
    return names[language] ?? Object.values(names)[0] ?? gtin;
  }

  /** Ask for the names; where nobody answers, whoever needs them next asks again. */
  async ask(gtin) {
    const { status, said } = await asked(`/v1/products/${encodeURIComponent(gtin)}`);
    if (said === null && status !== UNKNOWN) {
      this.names.delete(gtin);
    }
    if (said?.product.names) {
      this.names.set(gtin, said.product.names);
      this.known += 1;
      this.changed();
    }
  }
}
