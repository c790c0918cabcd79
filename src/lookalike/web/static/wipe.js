// Two pictures on top of each other, and a slider that wipes one off the other.

import { showQuery } from "./queries.js";

const SIDE = 640; // pixels: the largest thumbnails there are

export class Wipe {
  #element = document.getElementById("wipe");
  #range = this.#element.querySelector("input");

  constructor() {
    const over = this.#element.querySelector(".over");
    over.addEventListener("load", () => this.#element.style.setProperty("--shape", shape(over)));
    this.#range.addEventListener("input", () => this.#draw());
  }

  /** Show two queries, half and half. */
  show(first, second) {
    showQuery(this.#element.querySelector(".over"), first, SIDE);
    showQuery(this.#element.querySelector(".under"), second, SIDE);
    this.#range.value = 50;
    this.#draw();
    this.#element.hidden = false;
  }

  hide() {
    this.#element.hidden = true;
  }

  #draw() {
    this.#element.style.setProperty("--at", `${this.#range.value}%`);
  }
}

/** The frame takes the first picture's shape, within reason. */
const shape = (img) => Math.min(2, Math.max(0.8, img.naturalWidth / img.naturalHeight));
