// The page: three views, which of them is shown, and what they share.

import { AddView } from "./add.js";
import { ask } from "./api.js";
import { CompareView } from "./compare.js";
import { showFacts } from "./facts.js";
import { watchDrops, watchPastes } from "./intake.js";
import { SearchView } from "./search.js";
import { token } from "./token.js";

const TITLES = { search: "Lookalike", compare: "Compare · Lookalike", add: "Add · Lookalike" };

class Page {
  folders = [];
  #queries = []; // searched by since the page was opened; the browser's history refers to them by number
  #problem = document.getElementById("problem");
  #views = { search: new SearchView(this), compare: new CompareView(this), add: new AddView(this) };

  start() {
    addEventListener("popstate", ({ state }) => this.#arrive(state));
    watchDrops((queries, zone) => this.#view.take(queries, zone));
    watchPastes((queries) => this.#view.take(queries, null));
    this.#reveal(this.#named ?? "search");
    this.refresh();
  }

  /** Search by a query, from any view. */
  search(query) {
    this.remember(query);
    this.#reveal("search");
    this.#views.search.show(query);
  }

  /** Put a query into the browser's history, so that "back" finds it. */
  remember(query) {
    history.pushState({ query: this.#queries.push(query) - 1 }, "", "#search");
  }

  /** Compare a query with an image. An address is left out: only files and images can be compared. */
  compare(query, image) {
    history.pushState({ compared: true }, "", "#compare");
    this.#reveal("compare");
    this.#views.compare.show(query.kind === "url" ? null : query, image);
    this.#focusTitle();
  }

  /** Show a problem in one line, or none. */
  complain(problem) {
    this.#problem.hidden = !problem;
    this.#problem.textContent = problem ? sentence(problem.message) : "";
    if (problem) this.#problem.scrollIntoView({ block: "nearest" });
  }

  /** Ask anew what the collection holds. */
  async refresh() {
    try {
      const stats = await ask("/v1/stats");
      this.folders = stats.folders.map((folder) => folder.path);
      this.#views.search.offer(stats);
      showFacts(document.getElementById("facts"), stats);
      const asked = token() !== ""; // which a link cannot carry
      document.getElementById("map-link").hidden = !stats.map || asked;
      if (!stats.images) this.complain(new Error("This collection is still empty: add pictures first."));
    } catch (error) {
      this.complain(error);
    }
  }

  #arrive(state) {
    const [name, before] = [this.#named, this.shown];
    if (!name) return; // the link that skips to the content
    const query = this.#queries[state?.query] ?? null;
    this.#reveal(name);
    // Coming back to the search finds it as it was left; its link once more starts afresh.
    if (name === "search" && (query || before === "search")) this.#views.search.show(query);
    if (!query) this.#focusTitle();
  }

  /** The view that the address names, if it does. */
  get #named() {
    const name = location.hash.slice(1) || "search";
    return name in this.#views ? name : null;
  }

  #reveal(name) {
    this.complain(null);
    document.title = TITLES[name];
    for (const [each, view] of Object.entries(this.#views)) view.element.hidden = each !== name;
    for (const link of document.querySelectorAll("nav a")) {
      if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    this.shown = name;
  }

  #focusTitle() {
    document.getElementById(`${this.shown}-title`).focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  get #view() {
    return this.#views[this.shown];
  }
}

/** A message as a sentence, unless it starts with an address or the like. */
const sentence = (text) => text.replace(/^[a-z]+(?=[\s,])/, (word) => word[0].toUpperCase() + word.slice(1));

new Page().start();
