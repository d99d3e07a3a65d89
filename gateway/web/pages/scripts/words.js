/** What the page says, in the reader's language: catalogues under words/, one file a language. */

export const LANGUAGES = ["en", "fr"];

const KEPT = "language";

/** The language chosen before, else the first of the browser's that there are words for, else English. */
export function preferredLanguage() {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages];
  const known = wanted.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => LANGUAGES.includes(tag));
  return known ?? LANGUAGES[0];
}

/** Fetch the words of a language, and remember it when it was `chosen` by hand. */
export async function fetchWords(language, { chosen = false } = {}) {
  const answer = await fetch(`/pages/words/${language}.json`);
  if (!answer.ok) {
    throw new Error(`no words in ${language}: ${answer.status}`);
  }
  if (chosen) {
    localStorage.setItem(KEPT, language);
  }
  return new Words(language, await answer.json());
}

/** A language's sentences, numbers and names. */
export class Words {
  constructor(language, catalogue) {
    this.language = language;
    this.catalogue = catalogue;
    this.plural = new Intl.PluralRules(language);
    this.number = new Intl.NumberFormat(language);
  }

  /** Whether there are words under `key`. */
  has(key) {
    return this.find(key) !== undefined;
  }

  /** The sentence under `key` (`a.b`), `{name}` filled in from `values`; `count` chooses between one and other. */
  say(key, values = {}) {
    const found = this.find(key) ?? key;
    const form = typeof found === "string" ? found : (found[this.plural.select(values.count)] ?? found.other);
    return form.replace(/\{(\w+)\}/g, (_, name) => this.filled(values[name]));
  }

  /** The words for a value that a newer gateway may add to, filled in from `values`: its own name until there are some. */
  name(family, value, values = {}) {
    const key = `${family}.${value}`;
    return this.has(key) ? this.say(key, values) : titled(value);
  }

  /** A sum in the reader's way of writing it; a bare number where the `currency` (ISO 4217) is not said. */
  money(amount, currency) {
    const style = currency ? { style: "currency", currency } : {};
    return new Intl.NumberFormat(this.language, style).format(amount);
  }

  /** Write the words of every element below `root` that names them in `data-words` or `data-label`. */
  apply(root) {
    for (const each of root.querySelectorAll("[data-words]")) {
      each.textContent = this.say(each.dataset.words);
    }
    for (const each of root.querySelectorAll("[data-label]")) {
      each.setAttribute("aria-label", this.say(each.dataset.label));
    }
    document.documentElement.lang = this.language;
  }

  find(key) {
    return key.split(".").reduce((part, step) => part?.[step], this.catalogue);
  }

  filled(value) {
    return typeof value === "number" ? this.number.format(value) : String(value);
  }
}

/** An identifier as a person writes it: `cold-drinks` is `Cold drinks`. */
export function titled(identifier) {
  const spaced = String(identifier).replace(/[-_]+/g, " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
