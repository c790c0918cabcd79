// The collections of the server, of which the page shows one.

import { ask } from "./api.js";
import { choose } from "./routes.js";
import { counted } from "./words.js";

/** Show the collection that the address names, or the first; where there are several the reader can switch. */
export async function offerCollections() {
  const { collections, several } = await ask("v1/collections");
  if (!several || !collections.length) return;
  const asked = new URLSearchParams(location.search).get("collection") ?? collections[0].name;
  const known = collections.some(({ name }) => name === asked);
  choose(known ? asked : collections[0].name);
  const select = document.querySelector("#collections select");
  select.replaceChildren(
    ...collections.map(({ name, images }) => new Option(`${name}, ${counted(images, "picture")}`, name, false, name === asked)),
  );
  select.addEventListener("change", () => {
    location.assign(`${location.pathname}?${new URLSearchParams({ collection: select.value })}${location.hash}`);
  });
  document.getElementById("collections").hidden = collections.length < 2; // a token can be for one of them alone
  if (!known) throw new Error(`there is no collection called ${asked} here`);
}
