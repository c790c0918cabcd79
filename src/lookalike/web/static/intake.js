// The ways a picture comes in: chosen, photographed, dropped, pasted, or named by its address.

import { ofAddress, ofFile } from "./queries.js";
import { part } from "./parts.js";

/** Call `take` with the files chosen in an intake's inputs, and with the address typed into its form. */
export function watchIntake(element, take) {
  for (const name of ["choose", "camera"]) {
    part(element, name).addEventListener("change", ({ target }) => {
      const chosen = [...target.files].map(ofFile);
      target.value = ""; // so that the same file can be chosen again
      if (chosen.length) take(chosen);
    });
  }
  const form = part(element, "address");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = form.querySelector("input");
    const address = input.value.trim();
    if (!address) input.focus();
    else take([ofAddress(address)]);
  });
}

/** Call `take(queries, zone)` with what is dropped anywhere on the page; `zone` is the intake it fell on. */
export function watchDrops(take) {
  const root = document.documentElement;
  let over = 0;
  const clear = () => {
    root.classList.remove("dragging");
    document.querySelector("[data-drop].over")?.classList.remove("over");
  };
  document.addEventListener("dragover", (event) => {
    const kinds = [...event.dataTransfer.types];
    if (!kinds.includes("Files") && !kinds.includes("text/uri-list")) return;
    event.preventDefault();
    clear();
    root.classList.add("dragging");
    event.target.closest?.("[data-drop]")?.classList.add("over");
    clearTimeout(over);
    over = setTimeout(clear, 300); // browsers do not reliably say when a drag has left the window
  });
  document.addEventListener("drop", (event) => {
    const dropped = within(event.dataTransfer);
    clearTimeout(over);
    clear();
    if (!dropped.length) return;
    event.preventDefault();
    take(dropped, event.target.closest?.("[data-drop]") ?? null);
  });
}

/** Call `take(queries)` with pasted pictures, or a pasted address. */
export function watchPastes(take) {
  document.addEventListener("paste", (event) => {
    const pasted = within(event.clipboardData);
    const typing = event.target.closest?.("input, textarea");
    if (!pasted.length || (typing && pasted[0].kind === "url")) return;
    event.preventDefault();
    take(pasted);
  });
}

function within(data) {
  if (data.files.length) return [...data.files].map(ofFile); // the server says which are pictures
  const address = (data.getData("text/uri-list") || data.getData("text/plain")).trim().split(/\s/)[0];
  return /^https?:\/\//i.test(address) ? [ofAddress(address)] : [];
}
