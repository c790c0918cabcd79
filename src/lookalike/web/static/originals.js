// The file that an image was indexed from, opened in a tab of its own.

import { request } from "./api.js";
import { route } from "./routes.js";
import { token } from "./token.js";

const KEPT_MS = 60_000;

/** Let a link open an image's file. A link cannot send a token, so where there is one the file is fetched first. */
export function openOriginal(link, id, name) {
  link.href = route(`images/${id}/file`);
  link.title = "Open the original";
  link.setAttribute("aria-label", `Open the original of ${name}, in a new tab`);
  link.addEventListener("click", (event) => {
    if (!token()) return;
    event.preventDefault();
    fetchAndOpen(link.pathname, name).catch((error) => complain(link, error));
  });
}

/** Let the page say in one line what went wrong at an element. */
function complain(element, error) {
  element.dispatchEvent(new CustomEvent("problem", { bubbles: true, detail: error }));
}

async function fetchAndOpen(path, name) {
  const answer = await request(path);
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  if (/^(inline|$)/.test(answer.headers.get("Content-Disposition") ?? "")) link.target = "_blank";
  else link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
