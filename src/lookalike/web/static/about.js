// What is known of an image of the collection, and what can be done with any of them: open it, copy its path.

import { copy } from "./clipboard.js";
import { showThumbnail } from "./images.js";
import { openOriginal } from "./originals.js";
import { part, write, writeName } from "./parts.js";
import { bytes, count, day, nearPath, shortName, splitPath } from "./words.js";

const COPIED_MS = 1600;

/** An image's name, an upload's as it was sent, and the folder it lies in, as seen from the collection's folders. */
export function nameOf(image, folders) {
  const { folder, file } = splitPath(nearPath(image.paths[0], folders));
  return { folder, file: image.name ?? file };
}

/**
 * Write an image's name, place, size and date into the parts of an element, and show its thumbnail.
 *
 * @param image as matches and members of groups describe it.
 * @param folders those of the collection, which shorten paths.
 */
export function describe(element, image, folders) {
  const missing = image.missing ?? [];
  const marked = (place, name = place) => (missing.includes(place) ? `${name} (gone)` : name);
  const near = nameOf(image, folders);
  writeName(part(element, "file"), marked(image.paths[0], shortName(near.file)));
  write(element, "place", placeOf(near.folder, image.paths.length - 1));
  write(element, "facts", factsOf(image));
  element.querySelector(".path").title = image.paths.map((place) => marked(place)).join("\n");
  const img = element.querySelector("img");
  if (image.width && image.height) [img.width, img.height] = [image.width, image.height];
  showThumbnail(img, image.image_id);
}

/** Let an element's parts "copy" and "open" do so for an image. */
export function offerActs(element, image, folders) {
  const { file } = nameOf(image, folders);
  const copying = part(element, "copy");
  act(copying, `Copy the path of ${file}`, "Copy path", () => copyFrom(copying, image.paths[0]));
  const opening = part(element, "open");
  const gone = image.missing?.length === image.paths.length;
  opening.hidden = gone;
  if (!gone) openOriginal(opening, image.image_id, file);
}

/** Name a button for those who see it, and for those who hear it; call `does` when it is pressed. */
export function act(button, label, title, does) {
  button.setAttribute("aria-label", label);
  button.title = title;
  button.addEventListener("click", does);
}

/** Say something to those who cannot see that it happened. */
export function announce(text) {
  document.getElementById("said").textContent = text;
}

/** "1,600 × 1,200, 1.2 MB, 12 Mar 2024"; size and date only where a file is left to tell them. */
function factsOf({ width, height, bytes: size, modified }) {
  const facts = [`${count(width)} × ${count(height)}`];
  if (size) facts.push(bytes(size));
  if (modified) facts.push(day(modified));
  return facts.join(", ");
}

function placeOf(folder, others) {
  if (!others) return folder;
  return `${folder ? `${folder}, ` : ""}and ${others} more ${others === 1 ? "place" : "places"}`;
}

async function copyFrom(button, path) {
  const copied = await copy(path);
  const use = button.querySelector("use");
  use.setAttribute("href", copied ? "#icon-done" : "#icon-copy");
  announce(copied ? "Path copied" : "The browser did not allow copying");
  setTimeout(() => use.setAttribute("href", "#icon-copy"), COPIED_MS);
}
