/** Asking the gateway as a visitor: a token that says nothing of anybody, kept in this tab alone. */

const TOKEN = "visitor";

/** The status and the body of an answer; status 0 where there is none. `body` is sent as JSON, a Blob as it is. */
export async function asked(address, body, token) {
  const kind = body instanceof Blob ? body.type : "application/json";
  const headers = { "content-type": kind, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const sent = body instanceof Blob ? body : JSON.stringify(body);
  const request = body === undefined ? {} : { method: "POST", headers, body: sent };
  try {
    const answer = await fetch(address, { ...request, credentials: "omit" });
    return { status: answer.status, said: answer.ok ? await answer.json() : null };
  } catch (error) {
    if (!(error instanceof TypeError)) {
      throw error;
    }
    return { status: 0, said: null };
  }
}

/** As `asked`, with this tab's token; one that is no longer good is forgotten, and a new one tried once. */
export async function askedAsVisitor(address, body) {
  const kept = sessionStorage.getItem(TOKEN);
  const { status, token } = kept === null ? await newToken() : { token: kept };
  if (!token) {
    return { status, said: null };
  }
  const answer = await asked(address, body, token);
  if (answer.status !== 401) {
    return answer;
  }
  forgetToken();
  return kept === null ? answer : askedAsVisitor(address, body);
}

/** Forget the token: its one check-in is done. */
export function forgetToken() {
  sessionStorage.removeItem(TOKEN);
}

/** A new token, kept; none, and why (a status), where there is none to be had. */
async function newToken() {
  const { status, said } = await asked("/v1/visitors", {});
  if (status === 201) {
    sessionStorage.setItem(TOKEN, said.token);
  }
  return { status, token: said?.token };
}
