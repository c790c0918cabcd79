"use strict";

const CLICK_PIXELS = 5; // a pointer that moved less was not dragging
const NEAR_PIXELS = 16; // a picture is meant by a pointer that is no farther away
const STEP = 60; // pixels that an arrow key moves the map
const CLOSER = 1.5;

/** Pointer, wheel, keys and buttons of the map. */
class Gestures {
  constructor(scatter, tip, atlas, choose) {
    Object.assign(this, { scatter, tip, atlas, choose });
    this.canvas = scatter.canvas;
    this.pointers = new Map();
    this.travelled = 0;
    const on = (name, act, options) => this.canvas.addEventListener(name, act.bind(this), options);
    on("pointerdown", this.press);
    on("pointermove", this.move);
    on("pointerup", this.release);
    on("pointercancel", this.release);
    on("pointerleave", () => this.hover(null));
    on("wheel", this.wheel, { passive: false });
    on("keydown", this.key);
    on("focus", () => this.aim(this.canvas.matches(":focus-visible")));
    on("blur", () => this.aim(false));
    for (const [id, factor] of [["closer", CLOSER], ["farther", 1 / CLOSER]]) {
      document.getElementById(id).addEventListener("click", () => this.zoom(factor));
    }
    document.getElementById("whole").addEventListener("click", () => this.whole());
  }

  zoom(factor, left, top) {
    const { camera } = this.scatter;
    camera.zoomAt(factor, left ?? camera.width / 2, top ?? camera.height / 2);
    this.scatter.draw();
  }

  whole() {
    this.scatter.camera.reset();
    this.scatter.draw();
  }

  aim(on) {
    this.scatter.aiming = on;
    this.scatter.draw();
  }

  press(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (this.pointers.size === 1) this.travelled = 0;
    this.aim(false);
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    const now = [event.offsetX, event.offsetY];
    if (!before) {
      this.hover(this.meant(event), now);
      return;
    }
    this.travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (this.travelled < CLICK_PIXELS) return;
    this.hover(null);
    this.canvas.classList.add("dragging");
    const { camera } = this.scatter;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]);
      camera.zoomAt(apart(now) / Math.max(1, apart(before)), other[0], other[1]);
    } else {
      camera.pan(now[0] - before[0], now[1] - before[1]);
    }
    this.pointers.set(event.pointerId, now);
    this.scatter.draw();
  }

  release(event) {
    const wasClick = this.pointers.size === 1 && this.travelled < CLICK_PIXELS;
    if (!this.pointers.delete(event.pointerId) || event.type === "pointercancel") return;
    this.canvas.classList.remove("dragging");
    if (!wasClick) return;
    const point = this.meant(event);
    this.choose(point);
    this.hover(point, [event.offsetX, event.offsetY]); // a finger has not hovered before
  }

  wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 * event.deltaY : event.deltaY;
    this.zoom(Math.exp(-clamp(pixels, -200, 200) / 300), event.offsetX, event.offsetY);
    this.hover(this.meant(event), [event.offsetX, event.offsetY]);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { camera } = this.scatter;
    const steps = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    if (event.key in steps) camera.pan(...steps[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(CLOSER);
    else if (event.key === "-") this.zoom(1 / CLOSER);
    else if (event.key === "0") this.whole();
    else if (event.key === "Enter") this.choose(this.scatter.at(camera.width / 2, camera.height / 2, Infinity));
    else if (event.key === "Escape") this.choose(null);
    else return;
    event.preventDefault();
    this.aim(true);
  }

  /** The point that an event is about. */
  meant(event) {
    const reach = Math.max(NEAR_PIXELS, this.scatter.pictureSide / 2);
    return this.scatter.at(event.offsetX, event.offsetY, reach);
  }

  /** Show a picture beside the pointer. */
  hover(point, place) {
    if (point !== this.scatter.hovered) {
      this.scatter.hovered = point;
      this.scatter.draw();
      if (point !== null) {
        const words = make("div", this.atlas.className(point));
        words.append(make("span", this.atlas.names[point]));
        this.tip.replaceChildren(this.atlas.thumbnails.element(point), words);
      }
    }
    this.canvas.classList.toggle("pointing", point !== null);
    this.tip.hidden = point === null;
    if (point === null) return;
    const { camera } = this.scatter;
    const left = place[0] + 18 + this.tip.offsetWidth > camera.width ? place[0] - 18 - this.tip.offsetWidth : place[0] + 18;
    const top = clamp(place[1] + 18, 0, camera.height - this.tip.offsetHeight);
    this.tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}
