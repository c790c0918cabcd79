// What the collection holds, in a few figures.

import { bytes, count } from "./words.js";

/** The figures of `/v1/stats` under the search, as terms and descriptions. */
export function showFacts(list, stats) {
  const facts = [
    [stats.images === 1 ? "picture" : "pictures", count(stats.images)],
    ["on disk", bytes(stats.bytes_on_disk)],
    ["network", stats.embedder ?? "none yet"],
    ["search", stats.index === "lsh" ? "by hashes (LSH)" : "compares all"],
  ];
  if (stats.files !== stats.images) facts.splice(1, 0, ["files", count(stats.files)]);
  if (stats.recall_sampled !== null) facts.push(["recall, sampled", stats.recall_sampled.toFixed(3)]);
  list.replaceChildren(...facts.map(([term, value]) => pair(term, value)));
  list.hidden = false;
}

function pair(term, value) {
  const group = document.createElement("div");
  const name = document.createElement("dt");
  const text = document.createElement("dd");
  name.textContent = term;
  text.textContent = value;
  group.append(name, text);
  return group;
}
