// Pictures of cases, fetched before they are needed; a few are held in memory.

import { request } from "./api.js";
import { ofFile } from "./queries.js";
import { route } from "./routes.js";

const MOST = 12;
const held = new Map();

/** A case's picture, "picture" (the checked one) or "known" (the bank's), as a query; null if there is none. */
export function pictureOf({ case_id: id, kept, image_id: image }, side) {
  if (side === "known" ? image === null : !kept) return Promise.resolve(null);
  const path = route(`reviews/${id}/${side}`);
  if (!held.has(path)) {
    held.set(path, fetched(path, `${side} of case ${id}`));
    if (held.size > MOST) held.delete(held.keys().next().value);
  }
  return held.get(path);
}

/** Fetch both pictures of a case that may be looked at soon. */
export function prefetch(found) {
  if (found) for (const side of ["known", "picture"]) pictureOf(found, side);
}

async function fetched(path, name) {
  try {
    const answer = await request(path);
    return ofFile(new File([await answer.blob()], name));
  } catch {
    held.delete(path); // it may be there the next time
    return null;
  }
}
