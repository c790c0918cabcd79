// The page: its views, which of them is shown, and what they share.

import { AddView } from "./add.js";
import { Problem } from "./api.js";
import { offerCollections } from "./collections.js";
import { CompareView } from "./compare.js";
import { DuplicatesView } from "./duplicates.js";
import { showFacts } from "./facts.js";
import { watchDrops, watchPastes } from "./intake.js";
import { statsShown } from "./lacking.js";
import { offerReview } from "./reviewing.js";
import { route } from "./routes.js";
import { SearchView } from "./search.js";
import { token } from "./token.js";
import { amend, parameters, queriesOf, step } from "./trail.js";

const TITLES = {
  search: "Lookalike",
  compare: "Compare · Lookalike",
  duplicates: "Duplicates · Lookalike",
  add: "Add · Lookalike",
};

class Page {
  folders = [];
  #arrivals = 0;
  #problem = document.getElementById("problem");
  #views = {
    search: new SearchView(this),
    compare: new CompareView(this),
    duplicates: new DuplicatesView(this),
    add: new AddView(this),
  };

  async start() {
    addEventListener("popstate", ({ state }) => this.#arrive(state));
    addEventListener("problem", ({ detail }) => this.complain(detail)); // from an element of any view
    watchDrops((queries, zone) => this.#view.take?.(queries, zone));
    watchPastes((queries) => this.#view.take?.(queries, null));
    this.#reveal(this.#named ?? "search");
    const problem = await offerCollections().catch((error) => error); // first: it may have to ask for the token
    if (!(problem instanceof Problem)) await this.refresh();
    if (problem) this.complain(problem);
    await this.#restore(history.state);
  }

  /** Search by a query, from any view; null shows the empty view. */
  search(query) {
    this.#reveal("search");
    if (query) this.#views.search.take([query]);
    else this.#views.search.clear();
    if (!query) this.step();
  }

  /** Compare a query with an image. An address is left out: only files and images can be compared. */
  compare(query, image) {
    this.#reveal("compare");
    this.#views.compare.show(query.kind === "url" ? null : query, image);
    this.step();
    this.#focusTitle();
  }

  /** Put what is shown into the browser's history, so that "back" finds it. */
  step() {
    step(this.shown, this.#view.place ?? {});
  }

  /** What is shown has changed, but is no step of its own. */
  amend() {
    amend(this.shown, this.#view.place ?? {});
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
      const stats = await statsShown();
      this.folders = stats.folders.map((folder) => folder.path);
      this.#views.search.offer(stats);
      showFacts(document.getElementById("facts"), stats);
      const asked = token() !== ""; // which a link cannot carry
      const map = document.getElementById("map-link");
      map.href = route("map");
      map.hidden = !stats.map || asked;
      if (!stats.lacks.includes("review")) offerReview(document.getElementById("review-link"));
      if (!stats.images) this.complain(new Error("This collection is still empty: add pictures first."));
    } catch (error) {
      this.complain(error);
    }
  }

  /** Follow a link of the page, or the browser's buttons, which come with the state of a step. */
  async #arrive(state) {
    const [name, before] = [this.#named, this.shown];
    if (!name) return; // the link that skips to the content
    this.#reveal(name);
    if (state) {
      await this.#restore(state);
    } else {
      // A link finds the view as it was left; the search's link once more starts afresh.
      if (name === before) this.#view.clear?.();
      else this.#view.enter?.();
      this.amend();
    }
    if (!this.#view.place?.queries?.like) this.#focusTitle();
  }

  /** Show what the address and a step's state ask for, unless another step comes first. */
  async #restore(state) {
    const [view, arrival] = [this.#view, (this.#arrivals += 1)];
    if (!view.open) return;
    const queries = await queriesOf(state, view.names ?? []);
    if (arrival !== this.#arrivals) return;
    const lost = Object.entries(state ?? {}).some(([name, noted]) => noted && !queries[name]);
    view.open(queries, parameters());
    if (lost) this.complain(new Error("That picture is not kept in this browser any more. Choose it again."));
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
