/** What a seller asks of the gateway at the desk: done, or why not, in words. */

/** Ask for `path` below /v1/: null when it was done, else the reason as a sentence. */
export async function refusal(path, body, words) {
  const headers = { "content-type": "application/json" };
  try {
    const answer = await fetch(`/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.ok ? null : because(await answer.json(), words);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) {
      throw error;
    }
    return words.say("desk.problems.unreachable");
  }
}

/** A problem document (RFC 9457) in the reader's words; the gateway's own where there are none. */
function because({ code, reason, detail }, words) {
  const keys = [`desk.refusals.${reason}`, `desk.problems.${code}`];
  const known = keys.find((key) => words.has(key));
  return known === undefined ? (detail ?? words.say("desk.problems.unreachable")) : words.say(known);
}
