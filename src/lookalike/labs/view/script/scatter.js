"use strict";

const HIDDEN = 0;
const FAINT = 1;
const PLAIN = 2;

const THUMBNAILS_IN_VIEW = 150; // fewer points in view than this are drawn as their pictures
const MOVE_MILLISECONDS = 800;

/**
 * Points on a canvas. What each looks like is told by `paint`; where they lie by `show`.
 */
class Scatter {
  constructor(canvas, maps, labels, names, thumbnails) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.camera = new Camera();
    this.maps = maps;
    this.labels = labels;
    this.names = names;
    this.thumbnails = thumbnails;
    this.count = labels.length;
    this.chosen = null; // a point
    this.near = []; // the points that lines lead to
    this.hovered = null;
    this.aiming = false; // whether the middle is marked, for who uses the keyboard
    this.coloured = new Set(); // classes whose names come first
    this.moves = 0;
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.camera.width = this.canvas.clientWidth;
    this.camera.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.camera.width * ratio);
    this.canvas.height = Math.round(this.camera.height * ratio);
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw();
  }

  /** Lay the points out by a method; they travel there unless motion is unwelcome. */
  show(method) {
    const target = this.maps[method];
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const move = ++this.moves; // a later move ends this one
    if (!this.places || still) {
      this.places = Float32Array.from(target);
      this.draw();
      return;
    }
    const from = this.places.slice();
    const started = performance.now();
    const step = (now) => {
      if (move !== this.moves) return;
      const time = clamp((now - started) / MOVE_MILLISECONDS, 0, 1);
      const part = time * time * (3 - 2 * time);
      for (let i = 0; i < target.length; i++) this.places[i] = from[i] + (target[i] - from[i]) * part;
      this.paintNow();
      if (time < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /**
   * Say what the points look like.
   * @param styles for each point a place in the palette
   * @param states for each point HIDDEN, FAINT or PLAIN
   * @param palette of {colour, triangle, edged}; later ones are drawn above earlier ones
   * @param named for each point whether it counts for where its class's name stands
   */
  paint(styles, states, palette, named) {
    this.named = named;
    this.styles = styles;
    this.states = states;
    this.palette = palette;
    const rank = (point) => states[point] * 1000 + styles[point];
    this.order = Array.from({ length: this.count }, (_, point) => point).sort((a, b) => rank(a) - rank(b));
    this.draw();
  }

  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.paintNow();
    });
  }

  x(point) {
    return this.camera.screenX(this.places[2 * point]);
  }

  y(point) {
    return this.camera.screenY(this.places[2 * point + 1]);
  }

  /** Pixels from a point's middle to its edge. */
  get radius() {
    const crowd = clamp(Math.sqrt(3000 / this.count), 0.6, 2);
    const window = clamp(Math.min(this.camera.width, this.camera.height) / 750, 0.5, 1);
    return clamp(3 * crowd * window * Math.pow(this.camera.zoom, 0.4), 1.5, 11);
  }

  /** The visible point nearest to a pixel, if it is near enough. */
  at(left, top, reach) {
    let best = null;
    let least = reach * reach;
    for (let point = 0; point < this.count; point++) {
      if (this.states[point] !== PLAIN) continue;
      const away = (this.x(point) - left) ** 2 + (this.y(point) - top) ** 2;
      if (away < least) [best, least] = [point, away];
    }
    return best;
  }

  paintNow() {
    if (!this.places || !this.order) return;
    const { pen, camera } = this;
    this.theme = theme();
    pen.clearRect(0, 0, camera.width, camera.height);
    const seen = this.order.filter((point) => this.states[point] !== HIDDEN && this.isInView(point));
    const plain = seen.filter((point) => this.states[point] === PLAIN);
    const asPictures = plain.length <= THUMBNAILS_IN_VIEW && camera.zoom >= 2;
    this.pictureSide = asPictures ? clamp(9 * Math.pow(camera.zoom, 0.6), 22, this.thumbnails.shape.side) : 0;
    this.drawMarks(asPictures ? seen.filter((point) => this.states[point] !== PLAIN) : seen);
    this.drawLines();
    if (asPictures) for (const point of plain) this.drawPicture(point, this.pictureSide);
    this.drawNames();
    this.drawChoice();
    if (this.aiming) this.drawAim();
  }

  isInView(point) {
    const [x, y] = [this.x(point), this.y(point)];
    return x > -40 && y > -40 && x < this.camera.width + 40 && y < this.camera.height + 40;
  }

  drawMarks(points) {
    const { pen } = this;
    const radius = this.radius;
    pen.lineWidth = 0.8;
    pen.strokeStyle = this.theme.ground;
    for (const point of points) {
      const look = this.palette[this.styles[point]];
      const faint = this.states[point] === FAINT;
      pen.beginPath();
      trace(pen, look.triangle, this.x(point), this.y(point), radius * (look.edged ? 1.15 : 0.8));
      pen.globalAlpha = faint ? 0.22 : 1;
      pen.fillStyle = look.colour;
      pen.fill();
      if (look.edged && !faint) pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  drawPicture(point, side) {
    const { pen } = this;
    const [left, top] = [this.x(point) - side / 2, this.y(point) - side / 2];
    const look = this.palette[this.styles[point]];
    pen.fillStyle = look.edged ? look.colour : this.theme.ground;
    const border = look.edged ? 2.5 : 1;
    pen.fillRect(left - border, top - border, side + 2 * border, side + 2 * border);
    this.thumbnails.draw(pen, point, left, top, side);
  }

  /** From the chosen picture to the nearest ones. */
  drawLines() {
    if (this.chosen === null) return;
    const { pen } = this;
    for (const [colour, width] of [[this.theme.ground, 4], [this.theme.accent, 1.6]]) {
      pen.beginPath();
      for (const point of this.near) {
        pen.moveTo(this.x(this.chosen), this.y(this.chosen));
        pen.lineTo(this.x(point), this.y(point));
      }
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.stroke();
    }
  }

  /** Frames about the chosen picture, the nearest ones and the hovered one; the chosen one above all. */
  drawChoice() {
    const { accent, ground, text } = this.theme;
    const side = this.pictureSide || 2 * this.radius + 5;
    for (const point of this.chosen === null ? [] : [...this.near, this.chosen]) {
      if (this.pictureSide) this.drawPicture(point, side);
      if (point === this.chosen) this.drawFrame(point, side + 8, [[ground, 7], [accent, 4]]);
      else this.drawFrame(point, side, [[ground, 4], [accent, 2]]);
    }
    if (this.hovered !== null && this.hovered !== this.chosen) this.drawFrame(this.hovered, side + 3, [[ground, 4], [text, 2]]);
  }

  drawFrame(point, side, strokes) {
    for (const [colour, width] of strokes) {
      this.pen.strokeStyle = colour;
      this.pen.lineWidth = width;
      this.pen.strokeRect(this.x(point) - side / 2, this.y(point) - side / 2, side, side);
    }
  }

  /** The names of classes in the middle of their points, those in colour first, where there is room. */
  drawNames() {
    const { pen, camera } = this;
    const taken = [];
    const middles = this.middles().filter((middle) => middle.prominent || middle.spread < Scatter.COMPACT);
    middles.sort((one, other) => other.prominent - one.prominent || other.count - one.count);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    for (const { label, prominent, x, y } of middles) {
      const size = prominent ? 13 : 11;
      pen.font = `${prominent ? 600 : 400} ${size}px ${Scatter.TYPE}`;
      const half = pen.measureText(this.names[label]).width / 2 + 3;
      const middle = camera.screenX(x);
      if (middle < 0 || middle > camera.width) continue;
      const across = clamp(middle, half, camera.width - half);
      // Above or below the marks of the colour that it explains.
      for (const rise of prominent ? [-1.4, 1.6] : [0]) {
        const down = camera.screenY(y) + rise * size;
        const box = [across - half, down - 0.7 * size, across + half, down + 0.7 * size];
        if (box[1] < 0 || box[3] > camera.height) continue;
        if (taken.some((other) => overlap(box, other))) continue;
        taken.push(box);
        pen.globalAlpha = prominent ? 1 : 0.8;
        pen.strokeStyle = this.theme.ground;
        pen.strokeText(this.names[label], across, down);
        pen.fillStyle = this.theme.text;
        pen.fillText(this.names[label], across, down);
        break;
      }
    }
    pen.globalAlpha = 1;
  }

  /** Where the points of each named class lie: their median, and how far from it half of them are at most. */
  middles() {
    const members = new Map();
    for (let point = 0; point < this.count; point++) {
      if (!this.named[point]) continue;
      if (!members.has(this.labels[point])) members.set(this.labels[point], []);
      members.get(this.labels[point]).push(point);
    }
    const median = (values) => Float32Array.from(values).sort()[values.length >> 1];
    return [...members].map(([label, points]) => {
      const x = median(points.map((point) => this.places[2 * point]));
      const y = median(points.map((point) => this.places[2 * point + 1]));
      const away = (point) => Math.hypot(this.places[2 * point] - x, this.places[2 * point + 1] - y);
      const prominent = this.coloured.has(label);
      return { label, prominent, x, y, spread: median(points.map(away)), count: points.length };
    });
  }

  drawAim() {
    const { pen, camera } = this;
    const [x, y] = [camera.width / 2, camera.height / 2];
    pen.strokeStyle = this.theme.text;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const [across, down] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      pen.moveTo(x + 6 * across, y + 6 * down);
      pen.lineTo(x + 16 * across, y + 16 * down);
    }
    pen.stroke();
  }
}

Scatter.COMPACT = 0.12; // units; a class that is spread farther has no middle that a name would explain
Scatter.TYPE = 'Inter, "Helvetica Neue", Helvetica, Arial, system-ui, sans-serif';

function trace(pen, triangle, x, y, size) {
  if (triangle) {
    pen.moveTo(x, y - 1.2 * size);
    pen.lineTo(x + 1.1 * size, y + 0.8 * size);
    pen.lineTo(x - 1.1 * size, y + 0.8 * size);
    pen.closePath();
  } else {
    pen.moveTo(x + size, y);
    pen.arc(x, y, size, 0, 2 * Math.PI);
  }
}

function overlap(one, other) {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}
