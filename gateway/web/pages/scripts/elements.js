/** Making elements: HTML, SVG, and the icons of icons.svg. Text only ever goes in as text. */

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element with attributes (null leaves one out, a function listens) and children (null is none). */
export function element(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

/** An SVG element, in the same way. */
export function drawing(name, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

/** An icon by its name in icons.svg; it says nothing to a screen reader, so words stand beside it. */
export function icon(name) {
  const use = drawing("use", { href: `/pages/icons.svg#${name}` });
  return drawing("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, use);
}

/** Have `parent` hold these `children` alone. Only what is out of place moves: what is taken out and put back loses the
 * focus. */
export function refill(parent, ...children) {
  const wanted = children.flat().filter((child) => child !== null);
  const kept = new Set(wanted);
  [...parent.childNodes].filter((child) => !kept.has(child)).forEach((child) => child.remove());
  wanted.forEach((child, index) => {
    if (parent.childNodes[index] !== child) {
      parent.insertBefore(child, parent.childNodes[index] ?? null);
    }
  });
}

/** What the children that `remake` put into a parent were made of, as JSON. */
const madeOf = new WeakMap();

/** As `refill` with what `make()` gives, when `facts` are others than last time. */
export function remake(parent, facts, make) {
  const of = JSON.stringify(facts);
  if (madeOf.get(parent) !== of) {
    madeOf.set(parent, of);
    refill(parent, make());
  }
}

/** Show the sentence under `key` in `place`, or `says` instead; another language says it again. */
export function say(place, key, words, says = words.say(key)) {
  place.dataset.words = key;
  place.textContent = says;
}

function furnish(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      made.addEventListener(name, value);
    } else if (value !== null) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}
