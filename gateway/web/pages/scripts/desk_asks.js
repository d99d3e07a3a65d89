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

/** A problem document (RFC 9457) in the reader's words; where there are none, the gateway's own to who reads English. */
function because({ code, reason, detail }, words) {
  const keys = [`desk.refusals.${reason}`, `desk.problems.${code}`];
  const known = keys.find((key) => words.has(key));
  if (known !== undefined) {
    return words.say(known);
  }
  return words.language === "en" && detail ? detail : words.say("desk.problems.failing");
}
