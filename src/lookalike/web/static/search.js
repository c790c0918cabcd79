// The search view: a query, its settings, and its answers.

import { post } from "./api.js";
import { watchIntake } from "./intake.js";
import { write } from "./parts.js";
import { field, ofImage, showQuery } from "./queries.js";
import { card, placeholders } from "./results.js";
import { Settings } from "./settings.js";
import { SideBySide } from "./sidebyside.js";
import { count, milliseconds, splitPath } from "./words.js";

export class SearchView {
  element = document.getElementById("view-search");
  #query = null;
  #running = new AbortController();
  #answers = document.getElementById("answers");
  #found = document.getElementById("found");
  #status = document.getElementById("found-status");
  #settings = new Settings(() => this.#run());

  /** `page`: the page, for what goes beyond this view. */
  constructor(page) {
    this.page = page;
    watchIntake(document.getElementById("intake"), (queries) => this.take(queries));
  }

  /** Search by the first of these. */
  take([query]) {
    this.#query = null; // the same file chosen again is searched by again
    this.page.remember(query);
    this.show(query);
  }

  /** Search by a query, or show the empty view for null. */
  show(query) {
    if (query && query === this.#query) return;
    this.#query = query;
    this.element.dataset.state = query ? "asked" : "empty";
    this.#found.hidden = !query;
    const figure = document.getElementById("query");
    figure.hidden = !query;
    this.#answers.replaceChildren();
    if (!query) {
      this.#running.abort();
      return;
    }
    showQuery(figure.querySelector("img"), query);
    write(figure, "origin", query.kind === "image" ? "From the collection" : "Your picture");
    write(figure, "name", query.name);
    scrollTo({ top: 0 });
    document.getElementById("found-title").focus({ preventScroll: true });
    this.#run();
  }

  /** Take notice of what the collection holds. */
  offer(stats) {
    this.#settings.offer(stats);
  }

  async #run() {
    if (!this.#query) return;
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.page.complain(null);
    this.#found.setAttribute("aria-busy", "true");
    this.#status.textContent = "Searching …";
    try {
      await (this.#settings.beside ? this.#compareWays(signal) : this.#findOnce(signal));
    } catch (error) {
      if (signal.aborted) return;
      this.#answers.replaceChildren();
      this.#status.textContent = "";
      this.page.complain(error);
    }
    this.#found.removeAttribute("aria-busy");
  }

  async #findOnce(signal) {
    if (!this.#answers.querySelector(":scope > .grid")) {
      this.#answers.replaceChildren(grid(placeholders(Number(this.#settings.fields.k))));
    }
    const answer = await this.#ask(false, signal);
    this.#answers.replaceChildren(grid(answer.matches.map((match) => card(match, this.#options))));
    this.#tell(answer, `in ${milliseconds(answer.took.search_ms)}`);
  }

  /** One after the other, since they would slow each other down. */
  async #compareWays(signal) {
    const both = new SideBySide();
    const lsh = await this.#ask(false, signal);
    this.#answers.replaceChildren(both.element);
    both.show("lsh", lsh, this.#options);
    both.show("exact", await this.#ask(true, signal), this.#options);
    this.#tell(lsh, "both ways");
  }

  async #ask(exact, signal) {
    const fields = { ...field(this.#query), ...this.#settings.fields, exact };
    const answer = await post("/v1/search", fields, signal);
    this.#settings.offerFolders(answer.matches);
    return answer;
  }

  #tell({ matches, images }, how) {
    const found = matches.length ? `The nearest ${count(matches.length)}` : "None";
    this.#status.textContent = `${found} of ${count(images)}, ${how}`;
  }

  get #options() {
    return {
      folders: this.page.folders,
      distance: this.#settings.otherMetric,
      again: (match) => this.take([queryOf(match)]),
      compare: (match) => this.page.compare(this.#query, queryOf(match)),
    };
  }
}

const queryOf = (match) => ofImage(match.image_id, splitPath(match.paths[0]).file);

function grid(items) {
  const list = document.createElement("ol");
  list.className = "grid";
  list.append(...items);
  return list;
}
