// How to search: the number of results, the metric, the folder, and whether exact search answers too.

import { part } from "./parts.js";
import { nearPath, splitPath } from "./words.js";

export class Settings {
  #form = document.getElementById("settings");
  #roots = [];

  /** Calls `changed` after each change that makes sense. */
  constructor(changed) {
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("change", () => {
      part(this.#form, "power").hidden = this.#form.metric.value !== "minkowski";
      if (this.#form.k.checkValidity() && this.#form.power.checkValidity()) changed();
      else this.#form.reportValidity();
    });
  }

  /** Whether LSH and exact search are to be shown beside each other. */
  get beside() {
    return this.#form.beside.checked;
  }

  /** Whether answers are ordered by something else than the similarity. */
  get otherMetric() {
    return this.#form.metric.value !== "cosine";
  }

  /** Fields of a search form. */
  get fields() {
    const { k, metric, power, folder } = this.#form;
    return {
      k: k.value,
      metric: metric.value === "minkowski" ? `minkowski:${power.value}` : metric.value,
      folder: folder.value || undefined,
    };
  }

  /** Offer what the collection has. */
  offer(stats) {
    const names = [...new Set(stats.metrics.map((metric) => metric.split(":")[0]))];
    fill(this.#form.metric, names.map((name) => [name, name]));
    this.#roots = stats.folders.map((folder) => folder.path);
    this.offerFolders([]);
  }

  /** Offer the folders of matches beside those that were indexed. */
  offerFolders(matches) {
    const { folder } = this.#form;
    const met = matches.flatMap((match) => match.paths.map((path) => splitPath(path).folder));
    const inside = met.filter((path) => this.#roots.some((root) => path.startsWith(root)));
    const all = [...new Set([...this.#roots, ...inside, folder.value])].filter(Boolean).sort();
    fill(folder, [["", "everywhere"], ...all.map((path) => [path, nearPath(path, this.#roots)])]);
    part(this.#form, "folder").hidden = all.length === 0;
  }
}

/** Replace a select's options and keep what is chosen. */
function fill(select, options) {
  const chosen = select.value;
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === chosen)));
}
