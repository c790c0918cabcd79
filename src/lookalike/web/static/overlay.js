// Two pictures laid on each other, seen in three ways: wiped by a slider, in turn, or by where they differ.

import { Blink } from "./blink.js";
import { drawDifference } from "./difference.js";
import { lay } from "./laying.js";
import { after, css, shift, stretch } from "./matrices.js";
import { part, write } from "./parts.js";
import { showQuery } from "./queries.js";

const SIDE = 640; // pixels: the largest thumbnails there are
const WORDS = {
  beside: "",
  slide: "Move the slider to wipe the first picture off the second.",
  blink: "What jumps is different.",
  heat: "In colour: where they differ, once their brightness is evened out. Pale: what only one of them shows.",
};

export class Overlay {
  #element = document.getElementById("overlay");
  #stage = part(this.#element, "stage");
  #first = this.#stage.querySelector(".first img");
  #second = this.#stage.querySelector(".second img");
  #range = this.#stage.querySelector("input");
  #modes = part(this.#element, "modes");
  #evidence = null;
  #laid = null;
  #blink = new Blink((first) => (this.#stage.dataset.shown = first ? "first" : "second"), (running) =>
    write(this.#element, "toggle", running ? "Stop" : "Go on"),
  );

  constructor() {
    for (const img of [this.#first, this.#second]) img.addEventListener("load", () => this.#lay());
    this.#range.addEventListener("input", () => this.#wipe());
    this.#modes.addEventListener("change", () => this.#choose());
    part(this.#element, "turn").addEventListener("click", () => this.#blink.turn());
    part(this.#element, "toggle").addEventListener("click", () => this.#blink.toggle());
    new ResizeObserver(() => this.#place()).observe(this.#stage);
  }

  /** Show two queries; until `align` they are only fitted into one frame. */
  show(first, second) {
    this.#evidence = this.#laid = null;
    for (const [img, query] of [[this.#first, first], [this.#second, second]]) {
      const { alt } = img; // which of the two it is says more than a name
      showQuery(img, query, SIDE);
      img.alt = alt;
    }
    this.#range.value = 50;
    this.#wipe();
    this.#modes.elements.mode[0].checked = true;
    this.#element.hidden = false;
    this.#choose();
  }

  /** Lay the first picture on the second as the evidence of a comparison says. */
  align({ verdict, evidence }) {
    const matrix = evidence?.verified ? evidence.matrix : null;
    this.#evidence = { matrix: matrix ?? null, aligned: Boolean(matrix) || verdict === "identical" };
    this.#lay();
  }

  hide() {
    this.#blink.stop();
    this.#element.hidden = true;
  }

  #lay() {
    const [one, other] = this.#seen;
    if (!one) return;
    this.#laid = lay(one, other ?? one, (other && this.#evidence?.matrix) ?? null);
    this.#stage.style.setProperty("--shape", this.#laid.width / this.#laid.height);
    this.#place();
    this.#choose();
  }

  /** Put both pictures where they belong at the present size of the stage. */
  #place() {
    const laid = this.#laid;
    if (!laid) return;
    const ground = after(stretch(this.#stage.clientWidth / laid.width), shift(-laid.left, -laid.top));
    put(this.#first, laid.first, after(ground, laid.matrix));
    put(this.#second, laid.second, ground);
  }

  #choose() {
    const mode = this.#modes.elements.mode.value;
    this.#stage.dataset.mode = mode;
    this.#modes.querySelector("[value=heat]").disabled = !this.#evidence?.aligned || this.#seen.length < 2;
    part(this.#element, "blinking").hidden = mode !== "blink";
    if (mode === "blink") this.#blink.start();
    else this.#blink.stop();
    write(this.#element, "how", WORDS[mode]);
    if (mode === "heat" && this.#laid) this.#drawDifference();
  }

  #drawDifference() {
    const canvas = this.#stage.querySelector("canvas");
    const share = drawDifference(canvas, this.#first, this.#second, this.#laid);
    const percent = share && share < 0.01 ? "Less than 1" : Math.round(100 * share);
    const words = `${percent} % of what both show differs.`;
    canvas.setAttribute("aria-label", words);
    write(this.#element, "how", `${words} ${WORDS.heat}`);
  }

  /** Those of the pictures that the browser can show. */
  get #seen() {
    return [this.#first, this.#second].filter((img) => img.naturalWidth);
  }

  #wipe() {
    this.#stage.style.setProperty("--at", `${this.#range.value}%`);
  }
}

function put(img, { width, height }, matrix) {
  img.style.width = `${width}px`;
  img.style.height = `${height}px`;
  img.style.transform = css(matrix);
}
