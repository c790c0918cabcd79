// The compare view: two pictures over each other, how far apart they are, and the bits in which they differ.

import { post } from "./api.js";
import { drawBits } from "./bits.js";
import { watchIntake } from "./intake.js";
import { part, stamp, write } from "./parts.js";
import { showQuery, sideField } from "./queries.js";
import { Wipe } from "./wipe.js";
import { count, decimal } from "./words.js";

const VERDICTS = {
  identical: "Identical pictures",
  copy: "The same picture",
  similar: "Similar pictures",
  different: "Different pictures",
};
const SIDES = { a: "First picture", b: "Second picture" };

export class CompareView {
  element = document.getElementById("view-compare");
  #chosen = { a: null, b: null };
  #slots = {};
  #running = new AbortController();
  #verdict = document.getElementById("verdict");
  #wipe = new Wipe();

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
      watchIntake(slot, ([query]) => this.#put(side, query));
      this.#slots[side] = slot;
    }
  }

  /** Compare two queries; null leaves a side to be chosen. */
  show(first, second) {
    this.#chosen = { a: first, b: second };
    this.#draw();
  }

  /** Take what was dropped or pasted: onto the side it fell on, else the first that is free. */
  take(queries, zone) {
    const sides = Object.keys(SIDES);
    const start = zone?.dataset.slot ?? sides.find((side) => !this.#chosen[side]) ?? "b";
    this.#chosen[start] = queries[0];
    if (queries[1]) this.#chosen[sides.find((side) => side !== start)] = queries[1];
    this.#draw();
  }

  #put(side, query) {
    this.#chosen[side] = query;
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
    if (ready) this.#wipe.show(a, b);
    else this.#wipe.hide();
    this.#running.abort();
    if (ready) this.#compare(a, b);
  }

  async #compare(a, b) {
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#verdict.setAttribute("aria-busy", "true");
    try {
      const answer = await post("/v1/compare", { ...sideField(a, "a"), ...sideField(b, "b") }, signal);
      this.#verdict.replaceChildren(verdict(answer));
    } catch (error) {
      if (!signal.aborted) this.page.complain(error);
    }
    if (!signal.aborted) this.#verdict.removeAttribute("aria-busy");
  }
}

function verdict(answer) {
  const { distance, similarity, differing_bits: differing, bits, same, max_distance: border } = answer;
  const element = stamp("verdict");
  element.classList.toggle("same", same);
  write(element, "same", VERDICTS[answer.verdict]);
  write(element, "why", reason(answer));
  write(element, "distance", decimal(distance));
  write(element, "similarity", decimal(similarity));
  write(element, "bits", `${count(differing)} of ${count(bits)}`);
  drawScale(part(element, "scale"), distance, border);
  const grid = part(element, "grid");
  const positions = drawBits(grid, answer.hash_a, answer.hash_b);
  grid.setAttribute("aria-label", `${count(differing)} of the ${count(bits)} bits of the two hashes differ`);
  const listed = `Bits that differ, counted from 1: ${positions.join(", ")}.`;
  write(element, "positions", positions.length ? listed : "No bit differs.");
  return element;
}

/** Why the verdict is as it is: what was done to the first picture, or what the second look missed. */
function reason({ verdict, evidence, max_distance: border }) {
  const near = `Up to a distance of ${decimal(border, 2)} they count as similar.`;
  if (verdict === "identical") return "Both are made of the same pixels.";
  if (!evidence) return `One picture's file is gone, so only their embeddings were compared. ${near}`;
  if (verdict !== "copy") return `Laid on each other, they do not agree. ${near}`;
  const done = evidence.words.join(", ") || "the same view";
  return `The second picture: ${done}. ${Math.round(100 * evidence.agreement)} % of what both show is the same.`;
}

/** The distance as a mark on a line from 0 to 1, or to itself; what counts as similar is in colour. */
function drawScale(svg, distance, border) {
  const end = Math.max(1, distance, border);
  svg.querySelector(".within").setAttribute("width", (100 * border) / end);
  svg.querySelector(".mark").setAttribute("x", (99.2 * Math.max(0, distance)) / end);
}
