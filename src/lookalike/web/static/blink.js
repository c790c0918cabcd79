// Two pictures in turn at the same place: the eye finds what jumps.

const EACH_MS = 700; // well below three flashes a second

export class Blink {
  #timer = 0;

  /** `show(first)`: shows the first or the second picture; `told(running)`: whether they change by themselves. */
  constructor(show, told) {
    this.show = show;
    this.told = told;
  }

  /** Start with the first picture; readers who asked for less motion turn the pictures themselves. */
  start() {
    this.first = true;
    this.show(true);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.stop();
    else this.#go();
  }

  /** Show the other picture, and let no more change by itself. */
  turn() {
    this.stop();
    this.#change();
  }

  /** Stop if they change by themselves, else go on. */
  toggle() {
    if (this.#timer) this.stop();
    else this.#go();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.told(false);
  }

  #go() {
    this.#timer = setInterval(() => this.#change(), EACH_MS);
    this.told(true);
  }

  #change() {
    this.first = !this.first;
    this.show(this.first);
  }
}
