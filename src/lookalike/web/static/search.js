// The search view: a query, its settings, and its answers.

import { announce, nameOf } from "./about.js";
import { post } from "./api.js";
import { falseCopies } from "./chances.js";
import { forget } from "./forgetting.js";
import { watchIntake } from "./intake.js";
import { write } from "./parts.js";
import { field, isSame, ofImage, showQuery } from "./queries.js";
import { placeholders } from "./results.js";
import { route } from "./routes.js";
import { grid, headline, sections } from "./sections.js";
import { Settings } from "./settings.js";
import { SideBySide } from "./sidebyside.js";
import { count, milliseconds } from "./words.js";

const KINDS = { file: "Your picture", url: "Your picture", image: "From the collection" };

export class SearchView {
  element = document.getElementById("view-search");
  names = ["like"];
  #query = null;
  #running = new AbortController();
  #answers = document.getElementById("answers");
  #found = document.getElementById("found");
  #title = document.getElementById("found-title");
  #status = document.getElementById("found-status");
  #settings = new Settings(() => this.#change());

  /** `page`: the page, for what goes beyond this view. */
  constructor(page) {
    this.page = page;
    watchIntake(document.getElementById("intake"), (queries) => this.take(queries));
  }

  /** What the address and the history say of this view. */
  get place() {
    return { queries: { like: this.#query }, settings: this.#query ? this.#settings.parameters : {} };
  }

  /** Show what an address or the history asks for. */
  open({ like }, parameters) {
    const changed = this.#settings.restore(parameters);
    if (like && isSame(like, this.#query) && changed) this.#run();
    else this.#show(like);
  }

  /** Search by the first of these. */
  take([query]) {
    this.#query = null; // the same file chosen again is searched by again
    this.#show(query);
    this.page.step();
  }

  /** Show the empty view. */
  clear() {
    this.#show(null);
  }

  /** Take notice of what the collection holds. */
  offer(stats) {
    this.#settings.offer(stats);
  }

  #change() {
    this.page.amend();
    this.#run();
  }

  #show(query) {
    if (query && isSame(query, this.#query)) return;
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
    write(figure, "origin", KINDS[query.kind]);
    write(figure, "name", query.name);
    figure.querySelector(".kept").hidden = query.kind !== "file";
    scrollTo({ top: 0 });
    this.#title.focus({ preventScroll: true });
    this.#run();
  }

  async #run() {
    if (!this.#query) return;
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.page.complain(null);
    this.#found.setAttribute("aria-busy", "true");
    this.#title.textContent = "Searching …";
    this.#status.textContent = "";
    try {
      await (this.#settings.beside ? this.#compareWays(signal) : this.#findOnce(signal));
    } catch (error) {
      if (signal.aborted) return;
      this.#answers.replaceChildren();
      this.#title.textContent = "No answer";
      if (error.isNoPicture && this.#query.kind === "file") this.#refuse(error);
      else this.page.complain(error);
    }
    this.#found.removeAttribute("aria-busy");
  }

  /** Say that the chosen file is no picture, where another can be chosen. */
  #refuse(error) {
    const { name } = this.#query;
    this.#show(null);
    this.page.amend();
    this.page.complain(new Error(`“${name}” cannot be searched for: ${error.message}.`));
    document.getElementById("search-title").focus({ preventScroll: true });
  }

  async #findOnce(signal) {
    if (!this.#answers.querySelector(":scope > .part")) {
      this.#answers.replaceChildren(grid(placeholders(Number(this.#settings.fields.k))));
    }
    const answer = await this.#ask(false, signal);
    this.#answers.replaceChildren(...sections(answer.matches, this.#options));
    this.#tell(answer, `in ${milliseconds(answer.took.search_ms + answer.took.judge_ms)}`);
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
    const answer = await post(route("search"), fields, signal);
    this.#settings.offerFolders(answer.matches);
    return answer;
  }

  #tell({ matches, images, expected_false: expected, remark }, how) {
    const nearest = this.#settings.chosen ? count(matches.length) : `The nearest ${count(matches.length)}`;
    const found = matches.length ? nearest : "None";
    this.#title.textContent = headline(matches, this.#query.id);
    const part = remark && ` Only a part of the query was compared: ${remark}.`;
    this.#status.textContent = `${found} of ${count(images)}, ${how}. ${falseCopies(expected)}${part}`;
  }

  async #forget(match) {
    const { file } = nameOf(match, this.page.folders);
    try {
      if (!(await forget(match.image_id, file))) return;
    } catch (error) {
      this.page.complain(error);
      return;
    }
    announce(`Forgotten: ${file}`);
    this.#title.focus({ preventScroll: true });
    this.page.refresh();
    if (this.#query.id === match.image_id) this.page.search(null);
    else this.#run();
  }

  get #options() {
    return {
      folders: this.page.folders,
      distance: this.#settings.otherMetric,
      itself: this.#query.id,
      again: (match) => this.take([queryOf(match)]),
      compare: (match) => this.page.compare(this.#query, queryOf(match)),
      forget: (match) => this.#forget(match),
    };
  }
}

const queryOf = (match) => ofImage(match.image_id, match.name);
