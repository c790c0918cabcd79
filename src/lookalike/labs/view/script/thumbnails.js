"use strict";

/** The small pictures, each a square on one of the sheets that the page carries. */
class Thumbnails {
  constructor(images, shape) {
    this.images = images;
    this.shape = shape;
  }

  /** Resolves when all sheets can be drawn from. */
  ready() {
    return Promise.allSettled(this.images.map((image) => image.decode()));
  }

  draw(pen, point, left, top, size) {
    const { side, columns, rows } = this.shape;
    const place = point % (columns * rows);
    const image = this.images[Math.floor(point / (columns * rows))];
    const x = (place % columns) * side;
    const y = Math.floor(place / columns) * side;
    pen.drawImage(image, x, y, side, side, left, top, size, size);
  }

  /** A picture for the page around the map; whoever uses it gives it a name. */
  element(point) {
    const canvas = make("canvas");
    canvas.width = canvas.height = this.shape.side;
    canvas.setAttribute("aria-hidden", "true");
    this.draw(canvas.getContext("2d"), point, 0, 0, this.shape.side);
    return canvas;
  }
}

/** A new element with text, which is never taken for HTML. */
function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}
