/** What the page says, in the reader's language: catalogues under words/, a folder each, one file a language. */

export const LANGUAGES = ["en", "fr"];

const KEPT = "language";

/** The language chosen before, else the first of the browser's that there are words for, else English. */
export function preferredLanguage() {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages];
  const known = wanted.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => LANGUAGES.includes(tag));
  return known ?? LANGUAGES[0];
}

/** Remember a language that was chosen by hand. */
export function preferLanguage(language) {
  localStorage.setItem(KEPT, language);
}

/** Fetch the words of a language: those of the `catalogues` that a page needs. */
export async function fetchWords(language, catalogues) {
  const read = await Promise.all(catalogues.map((name) => fetchCatalogue(language, name)));
  return new Words(language, catalogues, Object.assign({}, ...read));
}

async function fetchCatalogue(language, name) {
  const answer = await fetch(`/pages/words/${name}/${language}.json`);
  if (!answer.ok) {
    throw new Error(`no ${name} words in ${language}: ${answer.status}`);
  }
  return answer.json();
}

/** A language's sentences, numbers and names. */
export class Words {
  constructor(language, catalogues, catalogue) {
    this.language = language;
    this.catalogues = catalogues;
    this.catalogue = catalogue;
    this.plural = new Intl.PluralRules(language);
    this.number = new Intl.NumberFormat(language);
  }

  /** Whether there is a sentence under `key`. */
  has(key) {
    const found = this.find(key);
    return typeof found === "string" || typeof found?.other === "string";
  }

  /** What the sentence under `key` names: of `{zone}: {count}`, `zone` and `count`. */
  named(key) {
    const found = this.find(key);
    return [...(found.other ?? found).matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
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
