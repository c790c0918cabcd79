// Requests to the server, and what may go wrong with them.

import { credentials, renewToken, token } from "./token.js";

const MOST_TRIES = 3;
const LONGEST_WAIT_S = 10;
const NO_PICTURE = ["unreadable-image", "image-too-large"];

/** An answer that is not the one hoped for; its message is a line for the reader, its kind a word for the page. */
export class Problem extends Error {
  constructor(status, detail, kind = "") {
    super(detail);
    this.status = status;
    this.kind = kind;
  }

  /** Whether a file that was sent is no picture that the server reads. */
  get isNoPicture() {
    return NO_PICTURE.includes(this.kind);
  }
}

/** Ask for something; a busy server is asked again after the time it names. */
export async function request(path, { method = "GET", form, signal } = {}) {
  for (let tries = 1; ; ) {
    const used = token();
    const answer = await send(path, { method, body: form, signal, headers: credentials() });
    if (answer.ok) return answer;
    const wait = Number(answer.headers.get("Retry-After"));
    if (answer.status === 401) {
      if (!(await renewToken(used))) throw new Problem(401, "This collection can only be seen with a token.");
    } else if ((answer.status === 503 || answer.status === 429) && wait > 0 && tries < MOST_TRIES) {
      tries += 1;
      await pause(Math.min(wait, LONGEST_WAIT_S) * 1000, signal);
    } else {
      throw await problemOf(answer);
    }
  }
}

/** Ask for JSON. */
export async function ask(path, options) {
  return (await request(path, options)).json();
}

/** Ask with a form of fields; those that are undefined are left out. */
export function post(path, fields, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined) form.append(name, each);
    }
  }
  return ask(path, { method: "POST", form, signal });
}

async function send(path, options) {
  try {
    return await fetch(path, { ...options, redirect: "error" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (options.body && !(await readable(options.body))) {
      throw new Problem(0, "The file has changed since it was chosen, or is gone. Choose it again.");
    }
    throw new Problem(0, "The server does not answer. Is it still running?");
  }
}

/** Whether the files of a form can still be read. */
async function readable(form) {
  const files = [...form.values()].filter((value) => value instanceof File && value.size);
  const read = await Promise.allSettled(files.map((file) => file.slice(0, 1).arrayBuffer()));
  return read.every((outcome) => outcome.status === "fulfilled");
}

async function problemOf(answer) {
  const said = await answer.json().catch(() => ({}));
  const detail = typeof said.detail === "string" && said.detail ? said.detail : said.title;
  const kind = String(said.type).split(":").at(-1);
  return new Problem(answer.status, detail || `The server answered with status ${answer.status}.`, kind);
}

function pause(time, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, time);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
