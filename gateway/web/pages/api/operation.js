/** One operation of an OpenAPI description as an article. */

import { fieldsOf } from "/pages/api/schemas.js";
import { element } from "/pages/scripts/elements.js";

/** The article of `{method, path, told}`; `described` is the whole description, for its shared schemas. */
export function operation({ method, path, told }, described) {
  const name = element("span", { class: `method ${method}` }, method.toUpperCase());
  return element(
    "article",
    { id: told.operationId },
    element("h2", {}, name, element("code", {}, ` ${path}`)),
    element("p", {}, told.description ?? told.summary ?? ""),
    told.security ? element("p", { class: "who" }, "Needs a credential.") : null,
    parameters(told, described),
    body(told, described),
    answers(told, described),
    element("pre", {}, element("code", {}, example({ method, path, told }))),
  );
}

function parameters(told, described) {
  const rows = (told.parameters ?? []).map((each) => ({
    name: each.name,
    type: `${fieldsOf(each.schema, described).type} in ${each.in}`,
    required: each.required ?? false,
    says: each.description ?? "",
  }));
  return rows.length === 0 ? null : table("Parameters", rows);
}

function body(told, described) {
  const schema = told.requestBody?.content?.["application/json"]?.schema;
  return schema === undefined ? null : table("Body", fieldsOf(schema, described).rows);
}

function answers(told, described) {
  const good = Object.entries(told.responses).filter(([status]) => status.startsWith("2"));
  return good.map(([status, response]) => {
    const [[kind, { schema }]] = Object.entries(response.content ?? { "": {} });
    const rows = schema === undefined ? [] : fieldsOf(schema, described).rows;
    const heading = `Answers ${status}${kind === "" ? "" : `, ${kind}`}`;
    return rows.length > 0 ? table(heading, rows) : element("h3", {}, heading);
  });
}

function table(heading, rows) {
  const lines = rows.map(({ name, type, required, says }) =>
    element(
      "tr",
      {},
      element("td", {}, element("code", {}, name), required ? null : element("small", {}, " optional")),
      element("td", {}, type),
      element("td", {}, says),
    ),
  );
  return element("section", {}, element("h3", {}, heading), element("table", {}, element("tbody", {}, lines)));
}

function example({ method, path, told }) {
  const parts = [`curl -X ${method.toUpperCase()} ${location.origin}${path}`];
  if (told.security) {
    parts.push("-H 'Authorization: Bearer …'");
  }
  if (told.requestBody) {
    parts.push("-H 'Content-Type: application/json' -d '{…}'");
  }
  return parts.join(" \\\n  ");
}

