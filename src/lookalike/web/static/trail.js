// The browser's history and address bar: "back", a reload and a link find what was shown.
//
// An image of the collection is named in the address. A file of the reader's cannot be, so the history has its
// key, which only this browser understands; an address of another site is in the history too, so that a link
// never makes this server fetch something.

import { keep, kept } from "./keepsakes.js";
import { imageOf, ofAddress, ofFile, ofImage } from "./queries.js";
import { chosen } from "./routes.js";

/** Add a step to the history. `place`: a view's, with the queries it shows and the parameters of its address. */
export function step(view, place) {
  history.pushState(stateOf(place), "", addressOf(view, place));
}

/** Change the present step. */
export function amend(view, place) {
  history.replaceState(stateOf(place), "", addressOf(view, place));
}

/** Parameters of the present address. */
export const parameters = () => new URLSearchParams(location.search);

/**
 * The queries of a step.
 *
 * @param names of the queries, each also the parameter that names an image.
 * @returns {Promise<object>} for each name a query, or null.
 */
export async function queriesOf(state, names) {
  const found = names.map(async (name) => {
    const id = Number(parameters().get(name));
    const noted = state?.[name];
    if (noted) return recalled(noted);
    return Number.isSafeInteger(id) && id > 0 ? imageOf(id) : null;
  });
  return Object.fromEntries((await Promise.all(found)).map((query, at) => [names[at], query]));
}

function addressOf(view, { queries = {}, settings = {} }) {
  const all = new URLSearchParams(chosen() ? { collection: chosen() } : {});
  for (const [name, query] of Object.entries(queries)) if (query?.kind === "image") all.set(name, query.id);
  for (const [name, value] of Object.entries(settings)) if (value) all.set(name, value);
  return `${location.pathname}${all.size ? `?${all}` : ""}#${view}`;
}

const stateOf = ({ queries = {} }) =>
  Object.fromEntries(Object.entries(queries).map(([name, query]) => [name, query && noted(query)]));

function noted({ kind, id, url, name, file }) {
  return kind === "file" ? { kind, name, key: keep(file) } : { kind, id, url, name };
}

async function recalled({ kind, id, url, name, key }) {
  if (kind === "image") return ofImage(id, name);
  if (kind === "url") return ofAddress(url);
  const file = await kept(key);
  return file && ofFile(file);
}
