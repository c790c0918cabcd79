// The queue: cases as a list, of which one is looked at.

import { part, stamp, write } from "./parts.js";
import { shortName, splitPath } from "./words.js";

export class Queue {
  cases = [];
  #list = document.getElementById("queue");
  #more = document.getElementById("more");
  #next = null;

  /** `chosen(case)`: told when the reader picks one; `load(after)`: gives a page of cases. */
  constructor({ chosen, load }) {
    this.load = load;
    this.#list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      chosen(this.cases.find((each) => each.case_id === Number(link.dataset.id)));
    });
    this.#more.addEventListener("click", async () => {
      const [first] = await this.extend();
      if (first) this.#link(first).focus();
    });
  }

  /** Start anew with a page of cases. */
  fill({ cases, next }) {
    this.cases = [];
    this.#list.replaceChildren();
    this.#take(cases, next);
  }

  /** Get the next page, if there is one. @returns the cases that came. */
  async extend() {
    if (this.#next === null) return [];
    const { cases, next } = await this.load(this.#next);
    this.#take(cases, next);
    return cases;
  }

  /** Put a case as it is now in place of what it was, or at the end if it was not there. */
  replace(found) {
    const at = this.cases.findIndex((each) => each.case_id === found.case_id);
    if (at < 0) this.#take([found], this.#next);
    else {
      this.cases[at] = found;
      this.#list.replaceChild(item(found), this.#list.children[at]);
    }
  }

  /** Mark the case that is looked at. */
  mark(found) {
    for (const link of this.#list.querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
    const link = this.#link(found);
    link.setAttribute("aria-current", "true");
    link.scrollIntoView({ block: "nearest" });
  }

  #take(cases, next) {
    const fresh = cases.filter((one) => !this.#link(one)); // a link may have brought one before its page
    this.cases.push(...fresh);
    this.#list.append(...fresh.map(item));
    this.#next = next;
    this.#more.hidden = next === null;
  }

  #link({ case_id: id }) {
    return this.#list.querySelector(`[data-id="${id}"]`);
  }
}

function item(found) {
  const element = stamp("queued");
  const link = element.querySelector("a");
  link.href = `?case=${found.case_id}`;
  link.dataset.id = found.case_id;
  link.dataset.state = found.state;
  const state = found.state === "waiting" ? "" : `, ${found.state === "gone" ? "entry gone" : found.state}`;
  write(element, "title", `${found.verdict} · ${found.bank}${state}`);
  write(element, "name", shortName(splitPath(found.name).file) || `case ${found.case_id}`);
  part(element, "name").title = found.name;
  return element;
}
