// What a search starts from: a file, an address, or an image of the collection.

import { ask } from "./api.js";
import { showFile, showThumbnail } from "./images.js";
import { route } from "./routes.js";
import { shortName } from "./words.js";

/** A file that the reader chose, dropped, pasted or photographed. */
export const ofFile = (file) => ({ kind: "file", file, name: file.name || "pasted picture" });

/** An image of the collection. */
export const ofImage = (id, name) => ({ kind: "image", id, name: shortName(name) });

/** An image of the collection of which only the id is known; its name is asked for. */
export async function imageOf(id) {
  const known = await ask(route(`images/${id}`)).catch(() => null); // who searches by it will be told why
  return ofImage(id, known?.name ?? `image ${id}`);
}

/** An address; that of one of the collection's own thumbnails means the image itself. */
export function ofAddress(address) {
  const own = address.match(/\/v1\/images\/(\d+)\/(?:thumbnail|file)/);
  if (own && address.startsWith(location.origin)) return ofImage(Number(own[1]), `image ${own[1]}`);
  return { kind: "url", url: address, name: address };
}

/** Whether two queries are the same one. */
export const isSame = (one, other) =>
  one?.kind === other?.kind && one?.file === other?.file && one?.id === other?.id && one?.url === other?.url;

/** The field of a search form that states the query. */
export function field(query) {
  if (query.kind === "file") return { file: query.file };
  return query.kind === "url" ? { url: query.url } : { image_id: query.id };
}

/** The field of a comparison's form that states the query as its side "a" or "b". */
export const sideField = (query, side) =>
  query.kind === "file" ? { [side]: query.file } : { [`${side}_id`]: query.id };

/** Show the query in an <img>; it is hidden where the browser cannot show it. `side`: as for `showThumbnail`. */
export function showQuery(img, query, side) {
  img.alt = query.name;
  img.hidden = true;
  img.removeAttribute("src");
  if (query.kind === "file") showFile(img, query.file);
  else if (query.kind === "image") showThumbnail(img, query.id, side);
}
