// How to search: what to show, how much of it, where, how strictly, and whether exact search answers too.

import { part } from "./parts.js";
import { nearPath, splitPath } from "./words.js";

export class Settings {
  #form = document.getElementById("settings");
  #start = this.#values;
  #roots = [];

  /** Calls `changed` after each change that makes sense. */
  constructor(changed) {
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("change", () => {
      this.#offerPower();
      if (this.#form.checkValidity()) changed();
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

  /** Whether matches of some verdicts are left out. */
  get chosen() {
    return this.#form.verdict.value !== "";
  }

  /** Fields of a search form. */
  get fields() {
    const { k, metric, power, folder, verdict, fpr, max_distance: farthest } = this.#form;
    return {
      k: k.value,
      metric: metric.value === "minkowski" ? `minkowski:${power.value}` : metric.value,
      folder: folder.value || undefined,
      verdict: verdict.value || undefined,
      fpr: fpr.value || undefined,
      max_distance: farthest.value || undefined,
    };
  }

  /** What differs from the settings at the start, as parameters of an address. */
  get parameters() {
    return Object.fromEntries(Object.entries(this.#values).filter(([name, value]) => value !== this.#start[name]));
  }

  /** Set all from parameters of an address. @returns {boolean} whether anything changed. */
  restore(parameters) {
    const before = JSON.stringify(this.#values);
    for (const [name, value] of Object.entries(this.#start)) this.#set(name, parameters.get(name) ?? value);
    this.#offerPower();
    const { max_distance: farthest, fpr, beside, metric } = this.#form;
    const inside = [farthest.value, fpr.value, beside.checked, this.otherMetric && metric.value];
    if (inside.some(Boolean)) part(this.#form, "more").open = true;
    return JSON.stringify(this.#values) !== before;
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

  get #values() {
    const fields = [...this.#form.elements].filter((field) => field.name);
    return Object.fromEntries(
      fields.map((field) => [field.name, field.type === "checkbox" ? (field.checked ? "on" : "") : field.value]),
    );
  }

  #set(name, value) {
    const field = this.#form.elements[name];
    if (field.type === "checkbox") field.checked = value === "on";
    else if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) {
      // The collection has not said yet what it offers. The server refuses what it does not know.
      field.add(new Option(value, value, false, true));
    } else field.value = value;
  }

  #offerPower() {
    part(this.#form, "power").hidden = this.#form.metric.value !== "minkowski";
  }
}

/** Replace a select's options and keep what is chosen. */
function fill(select, options) {
  const chosen = select.value;
  const known = options.some(([value]) => value === chosen);
  const all = known ? options : [...options, [chosen, chosen]];
  select.replaceChildren(...all.map(([value, text]) => new Option(text, value, false, value === chosen)));
}
