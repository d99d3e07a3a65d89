/** JSON Schemas as rows of fields: name, type, whether it is required, what it says. */

const DEEPEST = 4;

/** The `type` of a schema in a few words, and the `rows` of its fields, those of inner objects named with a dot. */
export function fieldsOf(schema, described, depth = 0) {
  const whole = resolved(schema, described);
  const inner = whole.type === "array" ? resolved(whole.items ?? {}, described) : whole;
  if (inner.properties === undefined || depth >= DEEPEST) {
    return { type: typeOf(whole, described), rows: [] };
  }
  const required = inner.required ?? [];
  const rows = Object.entries(inner.properties).flatMap(([name, field]) => {
    const told = fieldsOf(field, described, depth + 1);
    const own = { name, type: told.type, required: required.includes(name), says: resolved(field, described).description ?? "" };
    const mark = resolved(field, described).type === "array" ? "[]." : ".";
    return [own, ...told.rows.map((row) => ({ ...row, name: `${name}${mark}${row.name}` }))];
  });
  return { type: typeOf(whole, described), rows };
}

function resolved(schema, described) {
  if (schema.$ref === undefined) {
    return schema;
  }
  const found = schema.$ref.split("/").slice(1).reduce((place, step) => place[step], described);
  return { ...found, ...(schema.description ? { description: schema.description } : {}) };
}

function typeOf(schema, described) {
  if (schema.enum !== undefined) {
    return schema.enum.map((each) => JSON.stringify(each)).join(", ");
  }
  if (schema.const !== undefined) {
    return JSON.stringify(schema.const);
  }
  if (schema.anyOf !== undefined) {
    return schema.anyOf.map((each) => typeOf(resolved(each, described), described)).join(" or ");
  }
  if (schema.type === "array") {
    return `list of ${typeOf(resolved(schema.items ?? {}, described), described)}`;
  }
  return `${schema.type ?? "anything"}${bounds(schema)}`;
}

function bounds(schema) {
  const words = [
    schema.minimum === undefined ? "" : `from ${schema.minimum}`,
    schema.maximum === undefined ? "" : `to ${schema.maximum}`,
    schema.maxLength === undefined ? "" : `up to ${schema.maxLength} characters`,
  ];
  const said = words.filter((word) => word !== "").join(" ");
  return said === "" ? "" : ` (${said})`;
}
