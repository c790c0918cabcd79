// Matches as cards: picture, similarity, path, and what can be done with them.

import { copy } from "./clipboard.js";
import { showThumbnail } from "./images.js";
import { part, stamp, write } from "./parts.js";
import { decimal, nearPath, shortName, splitPath } from "./words.js";

const COPIED_MS = 1600;

/**
 * A match as a list item.
 *
 * @param match as the server gives it.
 * @param options folders: those of the collection, which shorten paths; distance: whether to state it too;
 *   again(match), compare(match): what its buttons do.
 */
export function card(match, { folders, distance, again, compare }) {
  const item = stamp("card");
  const [path, ...others] = match.paths;
  const near = splitPath(nearPath(path, folders));
  const marked = (place, name = place) => (match.missing.includes(place) ? `${name} (gone)` : name);
  item.dataset.id = match.image_id;
  write(item, "similarity", decimal(match.similarity));
  write(item, "distance", distance ? `distance ${decimal(match.distance, 2)}` : "");
  write(item, "file", marked(path, shortName(near.file)));
  write(item, "place", placeOf(near.folder, others.length));
  item.querySelector(".path").title = match.paths.map((place) => marked(place)).join("\n");
  const picture = item.querySelector(".picture");
  const img = item.querySelector("img");
  if (match.width && match.height) [img.width, img.height] = [match.width, match.height];
  showThumbnail(img, match.image_id);
  const label = `${match.rank}: ${near.file}, similarity ${decimal(match.similarity)}. Compare`;
  picture.setAttribute("aria-label", label);
  picture.addEventListener("click", () => compare(match));
  act(part(item, "again"), `Search by this one: ${near.file}`, "Search by this one", () => again(match));
  const copying = part(item, "copy");
  act(copying, `Copy the path of ${near.file}`, "Copy path", () => copyFrom(copying, path));
  return item;
}

/** As many grey cards as there may be matches. */
export function placeholders(count) {
  return Array.from({ length: count }, () => {
    const item = document.createElement("li");
    item.className = "card waiting";
    item.append(document.createElement("div"));
    return item;
  });
}

function placeOf(folder, others) {
  if (!others) return folder;
  return `${folder ? `${folder}, ` : ""}and ${others} more ${others === 1 ? "place" : "places"}`;
}

function act(button, label, title, does) {
  button.setAttribute("aria-label", label);
  button.title = title;
  button.addEventListener("click", does);
}

async function copyFrom(button, path) {
  const copied = await copy(path);
  const use = button.querySelector("use");
  use.setAttribute("href", copied ? "#icon-done" : "#icon-copy");
  announce(copied ? "Path copied" : "The browser did not allow copying");
  setTimeout(() => use.setAttribute("href", "#icon-copy"), COPIED_MS);
}

function announce(text) {
  document.getElementById("said").textContent = text;
}
