"use strict";

/** Which part of the map is seen. The whole map is the square from -1 to 1; y grows upwards. */
class Camera {
  constructor() {
    this.width = 1;
    this.height = 1;
    this.reset();
  }

  reset() {
    this.x = 0;
    this.y = 0;
    this.zoom = 1;
  }

  /** Pixels a unit. */
  get scale() {
    return (this.zoom * Math.min(this.width, this.height)) / Camera.SPAN;
  }

  screenX(x) {
    return this.width / 2 + (x - this.x) * this.scale;
  }

  screenY(y) {
    return this.height / 2 - (y - this.y) * this.scale;
  }

  /** Move the map by some pixels, but not out of sight. */
  pan(right, down) {
    this.x = clamp(this.x - right / this.scale, -1, 1);
    this.y = clamp(this.y + down / this.scale, -1, 1);
  }

  /** Zoom by a factor; what lies under a pixel stays there. */
  zoomAt(factor, left, top) {
    const before = this.scale;
    this.zoom = clamp(this.zoom * factor, Camera.FARTHEST, Camera.CLOSEST);
    const still = this.scale / before;
    this.pan((this.width / 2 - left) * (still - 1), (this.height / 2 - top) * (still - 1));
  }

  /** See all of some places, [x, y] each. */
  frame(places) {
    let [low, high, down, up] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [x, y] of places) {
      [low, high, down, up] = [Math.min(low, x), Math.max(high, x), Math.min(down, y), Math.max(up, y)];
    }
    this.x = (low + high) / 2;
    this.y = (down + up) / 2;
    this.zoom = 1;
    const room = Math.min(this.width / (high - low + 0.05), this.height / (up - down + 0.05));
    this.zoom = clamp((0.75 * room) / this.scale, 1, Camera.CLOSEST / 4);
  }
}

Camera.SPAN = 2.2; // units that the smaller side of the window shows at zoom 1
Camera.FARTHEST = 0.5;
Camera.CLOSEST = 80;

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
