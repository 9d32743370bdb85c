// The control API: requests, its errors as sentences, and logging in where a token is needed.

const BASE = new URL("mockatell/api/", document.baseURI);

/** An answer that is not 2xx, or none at all (status 0). */
export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Api {
  #loggingIn = null;

  /** `askToken` is called when a token is needed; it gets a function that tries one. */
  constructor(askToken) {
    this.askToken = askToken;
  }

  get(path, query) {
    return this.#json("GET", path, { query });
  }

  post(path, body) {
    return this.#json("POST", path, { body });
  }

  put(path, body) {
    return this.#json("PUT", path, { body });
  }

  patch(path, body) {
    return this.#json("PATCH", path, { body });
  }

  /** Have a text as a scenario of this name. */
  async upload(name, yaml) {
    const init = { headers: { "Content-Type": "application/yaml" }, body: yaml };
    return (
      await this.#send("PUT", new URL(`scenarios/${encodeURIComponent(name)}`, BASE), init)
    ).json();
  }

  /** The live feed's answer, to be read as it comes. */
  stream(path, { last, signal }) {
    const headers = { Accept: "text/event-stream" };
    if (last !== null) headers["Last-Event-ID"] = String(last);
    return this.#send("GET", new URL(path, BASE), { headers, signal, cache: "no-store" });
  }

  async #json(method, path, { query, body }) {
    const url = new URL(path, BASE);
    for (const [key, value] of Object.entries(query ?? {})) {
      if (value !== "" && value !== null && value !== undefined) url.searchParams.set(key, value);
    }
    const init = { headers: { Accept: "application/json" } };
    if (body !== undefined) {
      init.headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    const answer = await this.#send(method, url, init);
    return answer.status === 204 ? null : answer.json();
  }

  async #send(method, url, init) {
    const answer = await reach(method, url, init);
    if (answer.ok) return answer;
    if (answer.status !== 401) throw new Problem(answer.status, await sentence(answer));
    await this.#logIn();
    return this.#send(method, url, init);
  }

  /** Once for all who wait; the browser keeps the token in a cookie that no script can read. */
  #logIn() {
    const attempt = async (token) => {
      const init = {
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token }),
      };
      const answer = await reach("POST", new URL("session", BASE), init);
      return answer.ok ? null : sentence(answer);
    };
    this.#loggingIn ??= this.askToken(attempt).finally(() => (this.#loggingIn = null));
    return this.#loggingIn;
  }
}

async function reach(method, url, init) {
  try {
    return await fetch(url, { method, ...init });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The sidecar does not answer.");
  }
}

/** What a problem+json answer says, in one sentence. */
async function sentence(answer) {
  const problem = await answer.json().catch(() => ({}));
  const detail = typeof problem.detail === "string" ? problem.detail : null;
  return detail || problem.title || `The sidecar answered ${answer.status}.`;
}
