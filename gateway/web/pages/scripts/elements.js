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

/** Put `children` in place of what `parent` holds. */
export function refill(parent, ...children) {
  parent.replaceChildren(...children.flat().filter((child) => child !== null));
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
