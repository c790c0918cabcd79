// Two hashes bit by bit, as a square of cells.

const SVG = "http://www.w3.org/2000/svg";
const GAP = 0.12;

/** A hash's bits, the first one first, as 0 and 1. */
const bitsOf = (hash) =>
  [...hash].flatMap((digit) => [8, 4, 2, 1].map((bit) => (parseInt(digit, 16) & bit ? 1 : 0)));

/**
 * Draw two hashes into an <svg>: a cell a bit, by whether both have it, neither, or only one.
 *
 * @returns {number[]} positions of the bits that differ, from 1.
 */
export function drawBits(svg, first, second) {
  const [a, b] = [bitsOf(first), bitsOf(second)];
  const side = Math.ceil(Math.sqrt(a.length));
  const cells = a.map((bit, at) => {
    const cell = document.createElementNS(SVG, "rect");
    cell.setAttribute("x", (at % side) + GAP / 2);
    cell.setAttribute("y", Math.floor(at / side) + GAP / 2);
    cell.setAttribute("width", 1 - GAP);
    cell.setAttribute("height", 1 - GAP);
    cell.setAttribute("class", bit !== b[at] ? "differs" : bit ? "one" : "zero");
    return cell;
  });
  svg.setAttribute("viewBox", `0 0 ${side} ${Math.ceil(a.length / side)}`);
  svg.replaceChildren(...cells);
  return a.flatMap((bit, at) => (bit === b[at] ? [] : [at + 1]));
}
