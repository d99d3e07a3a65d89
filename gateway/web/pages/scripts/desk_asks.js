/** What a seller asks of the gateway at the desk: done, or why not, in words. */

/** Ask for `path` below /v1/: null when it was done, else the reason: the `key` of its words, and what it `says`. */
export async function refusal(path, body, words) {
  const headers = { "content-type": "application/json" };
  try {
    const answer = await fetch(`/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.ok ? null : because(await answer.json(), words);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) {
      throw error;
    }
    return { key: "desk.problems.unreachable" };
  }
}

/** A problem document (RFC 9457) in the reader's words; where there are none, the gateway's own to who reads English. */
function because({ code, reason, detail }, words) {
  const keys = [`desk.refusals.${reason}`, `desk.problems.${code}`];
  const key = keys.find((each) => words.has(each));
  if (key !== undefined) {
    return { key };
  }
  return { key: "desk.problems.failing", says: (words.language === "en" && detail) || undefined };
}
