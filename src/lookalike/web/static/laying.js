// How one picture is laid on another: where both lie on a common ground, in pixels of the small pictures.

import { after, moved, shift, stretch } from "./matrices.js";

const SMALL = 256; // pixels on the longer side of the pictures that evidence speaks of; none is enlarged
const FARTHEST = 1.5; // sides of the second picture by which the ground may go beyond it

/**
 * Lay the first of two loaded <img> on the second.
 *
 * @param matrix of evidence, from pixels of the small first picture to those of the small second, with each
 *   pixel's middle at whole numbers; null fits the first picture into the second one's frame.
 * @returns sizes of both; `matrix`, which takes corners to corners; and the ground's `left`, `top`, `width`,
 *   `height` in pixels of the second.
 */
export function lay(first, second, matrix) {
  const [one, other] = [smallSize(first), smallSize(second)];
  const corners = matrix ? after(shift(0.5, 0.5), matrix, shift(-0.5, -0.5)) : fitted(one, other);
  return { first: one, second: other, matrix: corners, ...ground(one, other, corners) };
}

function smallSize({ naturalWidth: width, naturalHeight: height }) {
  const scale = Math.min(1, SMALL / Math.max(width, height));
  return { width: width * scale, height: height * scale };
}

function fitted(one, other) {
  const scale = Math.min(other.width / one.width, other.height / one.height);
  return after(shift((other.width - scale * one.width) / 2, (other.height - scale * one.height) / 2), stretch(scale));
}

/** The box around both pictures, not far beyond the second. */
function ground(one, other, matrix) {
  const corners = [[0, 0], [one.width, 0], [0, one.height], [one.width, one.height]];
  const laid = corners.map(([x, y]) => moved(matrix, x, y));
  const seen = laid.every(({ depth }) => depth > 0) ? laid : [];
  const span = (along, size) => {
    const places = seen.map((corner) => corner[along]);
    const start = Math.max(-FARTHEST * size, Math.min(0, ...places));
    return [start, Math.min((1 + FARTHEST) * size, Math.max(size, ...places)) - start];
  };
  const [[left, width], [top, height]] = [span("x", other.width), span("y", other.height)];
  return { left, top, width, height };
}
