// Pictures shown: thumbnails of the collection, and files that the reader chose.

import { request } from "./api.js";
import { route } from "./routes.js";
import { token } from "./token.js";

const waiting = new Map();

const nearby = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      nearby.unobserve(target);
      fetchInto(target, waiting.get(target));
      waiting.delete(target);
    }
  },
  { rootMargin: "400px" },
);

/**
 * Show an image of the collection in an <img>, of at most `side` pixels a side. An <img> cannot send a token, so
 * where there is one the thumbnail is fetched, when it comes near the screen.
 */
export function showThumbnail(img, id, side = 320) {
  const path = route(`images/${id}/thumbnail?size=${side}`);
  img.hidden = false;
  img.onload = img.onerror = null;
  if (!token()) {
    img.src = path;
  } else {
    waiting.set(img, path);
    nearby.observe(img);
  }
}

/** Show a file in an <img>; calls `failed` where the browser cannot draw it (the server may all the same). */
export function showFile(img, file, failed) {
  const address = URL.createObjectURL(file);
  img.hidden = false;
  img.onload = () => URL.revokeObjectURL(address);
  img.onerror = () => {
    URL.revokeObjectURL(address);
    img.hidden = true;
    failed?.();
  };
  img.src = address;
}

async function fetchInto(img, path) {
  try {
    const answer = await request(path);
    showFile(img, await answer.blob());
  } catch {
    img.removeAttribute("src"); // its alternative text is what remains
  }
}
