// The duplicates view: groups of copies, a page of them at a time, and decisions about them.

import { announce } from "./about.js";
import { ask, post } from "./api.js";
import { groupItem, spareFiles } from "./group.js";
import { part, stamp, write } from "./parts.js";
import { ofImage } from "./queries.js";
import { placeholders } from "./results.js";
import { route } from "./routes.js";
import { count, counted, splitPath } from "./words.js";

const AGAIN_MS = 1500;
const DECIDED = { "keep all": "All are kept", "not a match": "Not a match" };

export class DuplicatesView {
  element = document.getElementById("view-duplicates");
  #form = document.getElementById("duplicates-settings");
  #list = this.element.querySelector(".groups");
  #pages = this.element.querySelector(".pages");
  #status = document.getElementById("duplicates-status");
  #title = document.getElementById("duplicates-title");
  #running = new AbortController();
  #page = 1;
  #most = 1;
  #shown = false;
  #timer = 0;
  #drawn = "";

  /** `page`: the page, for what goes beyond this view. */
  constructor(page) {
    this.page = page;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("change", () => this.#go(1));
    part(this.#pages, "before").addEventListener("click", () => this.#go(Math.min(this.#page, this.#most + 1) - 1));
    part(this.#pages, "next").addEventListener("click", () => this.#go(this.#page + 1));
  }

  /** What the address says of this view. */
  get place() {
    const { similar, fpr } = this.#form;
    const page = this.#page > 1 ? String(this.#page) : "";
    return { settings: { similar: similar.value, fpr: fpr.value, page } };
  }

  /** Show what an address asks for. */
  open(_, parameters) {
    for (const name of ["similar", "fpr"]) {
      const field = this.#form.elements[name];
      field.value = parameters.get(name) ?? "";
      if (field.selectedIndex < 0) field.value = "";
    }
    this.#page = Math.max(1, Math.trunc(Number(parameters.get("page"))) || 1);
    this.#load();
  }

  /** Come here by a link: what was found before is still shown. */
  enter() {
    if (!this.#shown) this.#load();
  }

  /** Look again. */
  clear() {
    this.#page = 1;
    this.#load();
  }

  #go(page) {
    this.#page = page;
    this.page.step();
    this.#title.focus({ preventScroll: true });
    scrollTo({ top: 0 });
    this.#load();
  }

  /** Ask for a page of groups; `again`: for the one that is shown, of which more may be known by now. */
  async #load({ again = false } = {}) {
    this.#running.abort();
    clearTimeout(this.#timer);
    this.#running = new AbortController();
    const { signal } = this.#running;
    if (!again) this.#startLooking();
    const { similar, fpr } = this.#form;
    const asked = new URLSearchParams({ page: this.#page });
    if (similar.value) asked.set("similar", similar.value);
    if (fpr.value) asked.set("fpr", fpr.value);
    try {
      this.#show(await ask(route(`duplicates?${asked}`), { signal }));
    } catch (error) {
      if (signal.aborted) return;
      this.element.dataset.state = "failed";
      this.#status.textContent = "";
      this.#list.replaceChildren();
      this.page.complain(error);
    }
  }

  #startLooking() {
    this.page.complain(null);
    this.element.dataset.state = "looking";
    this.#status.textContent = "Looking for copies …";
    if (!this.#list.children.length) this.#list.append(waitingGroup());
  }

  #show({ groups, total, page_size: size, complete, looked_at: done, images }) {
    this.#shown = true;
    if (total || complete) this.element.dataset.state = total ? "found" : "empty";
    const kind = this.#form.similar.value ? "similar pictures" : "copies";
    const found = `${counted(total, "group")} of ${kind}${complete ? "" : " so far"}.`;
    const spare = total ? ` ${spareIn(groups, total)}` : "";
    this.#status.textContent = total ? found + spare : complete ? "No duplicates found." : "Looking for copies …";
    write(this.element, "command", this.#command);
    this.#tellProgress(complete, done, images);
    this.#showGroups(groups, complete);
    this.#most = Math.max(1, Math.ceil(total / size));
    this.#pages.hidden = this.#most === 1 && this.#page === 1;
    write(this.#pages, "where", `Page ${count(this.#page)} of ${count(this.#most)}`);
    part(this.#pages, "before").disabled = this.#page === 1;
    part(this.#pages, "next").disabled = this.#page >= this.#most;
  }

  /** Say how far the search has come, and ask again while it goes on and somebody looks. */
  #tellProgress(complete, done, images) {
    const progress = part(this.element, "progress");
    progress.hidden = complete;
    write(progress, "how-far", `${count(done)} of ${counted(images, "picture")} looked at`);
    const bar = progress.querySelector("progress");
    bar.max = Math.max(1, images);
    bar.value = done;
    if (complete) return;
    this.#timer = setTimeout(() => {
      if (this.element.hidden) this.#shown = false;
      else this.#load({ again: true });
    }, AGAIN_MS);
  }

  /** Show groups that are new or others; those that a reader is at stay until the search is complete. */
  #showGroups(groups, complete) {
    const text = JSON.stringify(groups);
    const busy = this.#list.contains(document.activeElement) && !complete;
    if ((text === this.#drawn && !this.#list.querySelector(".waiting")) || busy) return;
    this.#drawn = text;
    const waiting = groups.length || complete ? [] : [waitingGroup()];
    this.#list.replaceChildren(...waiting, ...groups.map((group) => groupItem(group, this.#options)));
  }

  /** What acts on the groups that are shown. */
  get #command() {
    const fpr = this.#form.fpr.value;
    return `lookalike duplicates${fpr ? ` --fpr ${fpr}` : ""} --keep largest --trash`;
  }

  async #decide(images, decision, item) {
    try {
      await post(route("duplicates/decisions"), { images, decision });
    } catch (error) {
      this.page.complain(error);
      return;
    }
    announce(`${DECIDED[decision]}. That is remembered.`);
    const at = [...this.#list.children].indexOf(item);
    item.remove();
    await this.#load({ again: true });
    const next = this.#list.children[Math.min(at, this.#list.children.length - 1)];
    (next?.querySelector("button") ?? this.#title).focus();
  }

  get #options() {
    return {
      folders: this.page.folders,
      compare: (first, second) => this.page.compare(queryOf(first), queryOf(second)),
      decide: (images, decision, item) => this.#decide(images, decision, item),
    };
  }
}

/** How many files of the groups on a page could go; one with several names counts once. */
function spareIn(groups, total) {
  const spare = groups.reduce((sum, group) => sum + spareFiles(group), 0);
  return `${spare ? counted(spare, "file") : "No file"}${groups.length < total ? " on this page" : ""} could go.`;
}

function waitingGroup() {
  const item = stamp("waiting-group");
  item.querySelector("ol").append(...placeholders(4));
  return item;
}

const queryOf = (member) => ofImage(member.image_id, splitPath(member.paths[0]).file);
