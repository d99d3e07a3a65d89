/** The API page: the routes of /openapi.json, each with who may ask, what it takes and what it answers. */

import { operation } from "/pages/api/operation.js";
import { element, refill } from "/pages/scripts/elements.js";

const METHODS = ["get", "put", "post", "delete"];

async function show() {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) {
    refill(document.getElementById("routes"), element("p", {}, `The gateway answered ${answer.status}. Reload the page.`));
    return;
  }
  const described = await answer.json();
  document.getElementById("title").textContent = `${described.info.title} ${described.info.version}`;
  const found = Object.entries(described.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({ method, path, told: item[method] })),
  );
  refill(document.getElementById("contents"), found.map(link));
  refill(document.getElementById("routes"), found.map((each) => operation(each, described)));
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

function link({ method, path, told }) {
  const name = element("span", { class: `method ${method}` }, method.toUpperCase());
  return element("a", { href: `#${told.operationId}` }, name, ` ${path}`);
}

show();
