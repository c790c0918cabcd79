// The compare view: two pictures laid on each other, and what they are to each other.

import { post } from "./api.js";
import { watchIntake } from "./intake.js";
import { Overlay } from "./overlay.js";
import { stamp, write } from "./parts.js";
import { showQuery, sideField } from "./queries.js";
import { route } from "./routes.js";
import { verdict } from "./verdict.js";

const SIDES = { a: "First picture", b: "Second picture" };

export class CompareView {
  element = document.getElementById("view-compare");
  names = Object.keys(SIDES);
  #chosen = { a: null, b: null };
  #slots = {};
  #running = new AbortController();
  #verdict = document.getElementById("verdict");
  #overlay = new Overlay();

  /** `page`: the page, for what goes beyond this view. */
  constructor(page) {
    this.page = page;
    for (const [side, title] of Object.entries(SIDES)) {
      const slot = this.element.querySelector(`[data-slot="${side}"]`);
      slot.append(stamp("slot"));
      write(slot, "title", title);
      for (const which of slot.querySelectorAll('[data-part="which"]')) {
        which.textContent = ` for the ${title.toLowerCase()}`;
      }
      watchIntake(slot, ([query]) => this.#put({ [side]: query }));
      this.#slots[side] = slot;
    }
  }

  /** What the address and the history say of this view. */
  get place() {
    return { queries: this.#chosen };
  }

  /** Show what an address or the history asks for. */
  open({ a, b }) {
    this.show(a, b);
  }

  /** Compare two queries; null leaves a side to be chosen. */
  show(first, second) {
    this.#chosen = { a: first, b: second };
    this.#draw();
  }

  /** Take what was dropped or pasted: onto the side it fell on, else the first that is free. */
  take(queries, zone) {
    const start = zone?.dataset.slot ?? this.names.find((side) => !this.#chosen[side]) ?? "b";
    const other = this.names.find((side) => side !== start);
    this.#put({ [start]: queries[0], ...(queries[1] && { [other]: queries[1] }) });
  }

  #put(chosen) {
    this.#chosen = { ...this.#chosen, ...chosen };
    this.page.amend();
    this.#draw();
  }

  #draw() {
    const { a, b } = this.#chosen;
    this.page.complain(null);
    for (const [side, slot] of Object.entries(this.#slots)) {
      const query = this.#chosen[side];
      slot.classList.toggle("filled", Boolean(query));
      write(slot, "name", query?.name ?? "Drop it here, or paste it");
      const img = slot.querySelector("img");
      if (query) showQuery(img, query);
      else img.hidden = true;
      img.alt = "";
    }
    const ready = Boolean(a && b);
    this.element.dataset.state = ready ? "ready" : "empty";
    this.#verdict.replaceChildren();
    if (ready) this.#overlay.show(a, b);
    else this.#overlay.hide();
    this.#running.abort();
    if (ready) this.#compare(a, b);
  }

  /** Show where pictures are chosen instead of where they lie on each other. */
  #askAnew() {
    this.element.dataset.state = "empty";
    this.#overlay.hide();
  }

  async #compare(a, b) {
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#verdict.setAttribute("aria-busy", "true");
    try {
      const answer = await post(route("compare"), { ...sideField(a, "a"), ...sideField(b, "b") }, signal);
      this.#verdict.replaceChildren(verdict(answer));
      this.#overlay.align(answer);
    } catch (error) {
      if (signal.aborted) return;
      if (error.isNoPicture) this.#askAnew();
      this.page.complain(error);
    }
    if (!signal.aborted) this.#verdict.removeAttribute("aria-busy");
  }
}
