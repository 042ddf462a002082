// The server: one place that sends, waits, brings a token, and names what went wrong.

/** What went wrong, by what a person can do: offline, signedOut, forbidden, missing, refused, limited or failed. */
class Failure extends Error {
  constructor(kind, { detail = "", after = 0 } = {}) {
    super(kind);
    this.kind = kind;
    this.detail = detail;
    this.after = after;
  }
}

const KINDS = { 401: "signedOut", 403: "forbidden", 404: "missing", 405: "missing", 422: "refused", 429: "limited" };
const EARLY = 30_000; // milliseconds before its end at which a token is asked for anew

class Remote {
  #token = null;
  #ends = 0;
  #asked = null;

  /** `endpoint` is an origin; `provider` gives a token, `{ token, expires_in | expires }`, or nothing. */
  constructor(endpoint, provider) {
    this.endpoint = endpoint;
    this.provider = provider;
  }

  search(query, filters, cursor, signal) {
    return this.#send("search", { query, ...filters, ...(cursor && { cursor }) }, signal);
  }

  experts(topic, filters, cursor, signal) {
    return this.#send("experts", { topic, ...filters, ...(cursor && { cursor }) }, signal);
  }

  similar(passage, cursor, signal) {
    const more = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
    return this.#send(`passages/${encodeURIComponent(passage)}/similar${more}`, null, signal);
  }

  document(id, signal) {
    return this.#send(`documents/${encodeURIComponent(id)}`, null, signal);
  }

  silos(signal) {
    return this.#send("silos", null, signal);
  }

  async #send(path, body, signal, again = true) {
    const token = await this.#bearer();
    const response = await this.#fetched(path, body, token, signal);
    if (response.status === 401 && token && again) {
      this.#ends = 0; // revoked before its time: one new one is asked for
      return this.#send(path, body, signal, false);
    }
    if (!response.ok) throw await failure(response);
    return response.json();
  }

  async #fetched(path, body, token, signal) {
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    if (token) headers.Authorization = `Bearer ${token}`;
    try {
      return await fetch(new URL(`/api/v1/${path}`, this.endpoint), {
        method: body ? "POST" : "GET",
        body: body && JSON.stringify(body),
        headers,
        signal,
        credentials: token ? "omit" : "same-origin",
        cache: "no-store",
        referrerPolicy: "strict-origin-when-cross-origin",
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Failure(navigator.onLine === false ? "offline" : "failed");
    }
  }

  async #bearer() {
    if (!this.provider) return null;
    if (this.#token && Date.now() < this.#ends) return this.#token;
    this.#asked ??= this.#renewed().finally(() => (this.#asked = null));
    return this.#asked;
  }

  async #renewed() {
    let given;
    try {
      given = await this.provider();
    } catch (error) {
      throw new Failure(navigator.onLine === false ? "offline" : "signedOut", { detail: String(error.message ?? "") });
    }
    this.#token = typeof given === "string" ? given : given?.token ?? null;
    const ends = given?.expires_in ? Date.now() + given.expires_in * 1000 : Date.parse(given?.expires ?? given?.expires_at);
    this.#ends = Number.isFinite(ends) ? ends - EARLY : Date.now() + 60_000;
    return this.#token;
  }
}

async function failure(response) {
  const problem = await response.json().catch(() => ({}));
  const after = Math.min(120, Math.max(1, Number(response.headers.get("Retry-After")) || 2));
  return new Failure(KINDS[response.status] ?? "failed", { detail: String(problem.detail ?? ""), after });
}

/** A provider that asks the host page's own back end, which knows who is there. */
function tokensFrom(address) {
  return async () => {
    const response = await fetch(address, { method: "POST", credentials: "same-origin", cache: "no-store" });
    if (!response.ok) throw new Error(`the token address answered ${response.status}`);
    return response.json();
  };
}
