// Where two pictures differ, once one is laid on the other and their brightness is evened out.

import { inverse, moved } from "./matrices.js";

const SIDE = 480; // pixels on the longer side of what is drawn
const FROM = 0.07; // difference of lightness, of 1, from which a place counts, which JPEG and resizing do not reach
const HOT = [255, 84, 28]; // red, green, blue of what differs: seen on any grey
const FULL = 0.3; // and from which it has its full colour

/**
 * Draw the second picture in grey, and in colour where the first one differs from it.
 *
 * @param laid as `lay` gives it.
 * @returns {number} share of what both show that differs, 0 to 1.
 */
export function drawDifference(canvas, first, second, laid) {
  const scale = SIDE / Math.max(laid.width, laid.height);
  canvas.width = Math.round(laid.width * scale);
  canvas.height = Math.round(laid.height * scale);
  const back = inverse(laid.matrix);
  const pictures = [greyOf(first, laid.first), greyOf(second, laid.second)];
  const size = canvas.width * canvas.height;
  const [one, other] = [new Float32Array(size), new Float32Array(size)];
  for (let at = 0, row = 0; row < canvas.height; row += 1) {
    for (let column = 0; column < canvas.width; column += 1, at += 1) {
      const [x, y] = [laid.left + (column + 0.5) / scale, laid.top + (row + 0.5) / scale];
      const place = moved(back, x, y);
      one[at] = place.depth > 0 ? pictures[0](place.x, place.y) : NaN;
      other[at] = pictures[1](x, y);
    }
  }
  const differing = differences(evened(one, other), other, canvas.width);
  return paint(canvas, one, other, differing);
}

/** A picture's lightness at a place, 0 to 1, between its pixels by their distance; NaN beside it. */
function greyOf(img, { width, height }) {
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)));
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  pen.drawImage(img, 0, 0, canvas.width, canvas.height);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const [wide, tall] = [canvas.width, canvas.height];
  const grey = Float32Array.from({ length: wide * tall }, (_, at) => {
    return (0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2]) / 255;
  });
  return (x, y) => {
    if (!(x >= 0 && y >= 0 && x < wide && y < tall)) return NaN;
    const [left, top] = [Math.min(Math.max(x - 0.5, 0), wide - 1), Math.min(Math.max(y - 0.5, 0), tall - 1)];
    const [column, row] = [Math.floor(left), Math.floor(top)];
    const [right, down] = [Math.min(column + 1, wide - 1), Math.min(row + 1, tall - 1)];
    const [a, b] = [left - column, top - row];
    const upper = (1 - a) * grey[row * wide + column] + a * grey[row * wide + right];
    return (1 - b) * upper + b * ((1 - a) * grey[down * wide + column] + a * grey[down * wide + right]);
  };
}

/** The first with the contrast and brightness of the second, by a line fitted twice: without what differs much. */
function evened(one, other) {
  let [gain, offset, most] = [1, 0, Infinity];
  for (let round = 0; round < 3; round += 1) {
    const sums = { n: 0, x: 0, y: 0, xx: 0, xy: 0 };
    let off = 0;
    for (let at = 0; at < one.length; at += 1) {
      const [x, y] = [one[at], other[at]];
      const left = Math.abs(gain * x + offset - y);
      if (!(left <= most)) continue;
      sums.n += 1;
      sums.x += x;
      sums.y += y;
      sums.xx += x * x;
      sums.xy += x * y;
      off += left;
    }
    const spread = sums.n * sums.xx - sums.x * sums.x;
    if (!(spread > 1e-6 * sums.n * sums.n)) break;
    gain = Math.min(4, Math.max(0.25, (sums.n * sums.xy - sums.x * sums.y) / spread));
    offset = (sums.y - gain * sums.x) / sums.n;
    most = Math.max(FROM, (1.5 * off) / sums.n);
  }
  return one.map((value) => gain * value + offset);
}

/** Least difference from the pixels around, so that an edge that lies a pixel beside its place is none. */
function differences(one, other, width) {
  const around = [0, -1, 1, -width, width, -width - 1, -width + 1, width - 1, width + 1];
  return other.map((value, at) => {
    if (Number.isNaN(value) || Number.isNaN(one[at])) return NaN;
    let least = Infinity;
    for (const step of around) {
      const left = Math.abs(one[at + step] - value);
      if (left < least) least = left;
    }
    return least;
  });
}

function paint(canvas, one, other, differing) {
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(canvas.width, canvas.height);
  let [both, apart] = [0, 0];
  for (let at = 0; at < differing.length; at += 1) {
    const shared = !Number.isNaN(differing[at]);
    const grey = 255 * (Number.isNaN(other[at]) ? one[at] : other[at]);
    const heat = shared ? Math.min(1, Math.max(0, (differing[at] - FROM) / (FULL - FROM))) : 0;
    if (shared) both += 1;
    if (heat > 0) apart += 1;
    for (let part = 0; part < 3; part += 1) {
      image.data[4 * at + part] = heat * HOT[part] + (1 - heat) * (40 + 0.6 * grey);
    }
    image.data[4 * at + 3] = Number.isNaN(grey) ? 0 : shared ? 255 : 90;
  }
  pen.putImageData(image, 0, 0);
  return both ? apart / both : 0;
}
