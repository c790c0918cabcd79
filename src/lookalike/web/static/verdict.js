// What two pictures are to each other, in words and figures, and the bits in which their hashes differ.

import { drawBits } from "./bits.js";
import { strangerPair } from "./chances.js";
import { part, stamp, write } from "./parts.js";
import { WHOLE_PICTURE, count, decimal, detail } from "./words.js";

const VERDICTS = {
  identical: "Identical pictures",
  copy: "One is a copy of the other",
  similar: "Similar pictures",
  different: "Different pictures",
};

/** The answer to a comparison as an element. */
export function verdict(answer) {
  const { distance, similarity, differing_bits: differing, bits, same, max_distance: border } = answer;
  const element = stamp("verdict");
  element.classList.toggle("same", same);
  write(element, "same", VERDICTS[answer.verdict]);
  const remark = answer.remark && ` Only a part was compared: ${answer.remark}.`;
  write(element, "why", `${reason(answer)}${remark}`);
  write(element, "chance", chanceOf(answer));
  write(element, "distance", decimal(distance));
  write(element, "similarity", decimal(similarity));
  write(element, "bits", `${count(differing)} of ${count(bits)}`);
  drawScale(part(element, "scale"), distance, border);
  const grid = part(element, "grid");
  const positions = drawBits(grid, answer.hash_a, answer.hash_b);
  grid.setAttribute("aria-label", `${count(differing)} of the ${count(bits)} bits of the two hashes differ`);
  const listed = `Bits that differ, counted from 1: ${positions.join(", ")}.`;
  write(element, "positions", positions.length ? listed : "No bit differs.");
  return element;
}

/** Why the verdict is as it is: what was done to the first picture, or what the second look missed. */
function reason({ verdict, evidence, max_distance: border }) {
  const near = `Up to a distance of ${decimal(border, 2)} they count as similar.`;
  if (verdict === "identical") return "Both are made of the same pixels.";
  if (!evidence) return `One picture's file is gone, so only their embeddings were compared. ${near}`;
  if (verdict !== "copy") return `${detail(evidence) || "Laid on each other, they do not agree."} ${near}`;
  const done = evidence.words.join(", ") || WHOLE_PICTURE;
  return `The second picture: ${done}. ${Math.round(100 * evidence.agreement)} % of the detail that both show agrees.`;
}

/** The chance of unrelated pictures, where the server tells it and it speaks for a copy. */
const chanceOf = ({ verdict, p }) => (verdict === "copy" && typeof p === "number" ? strangerPair(p) : "");

/** The distance as a mark on a line from 0 to 1, or to itself; what counts as similar is in colour. */
function drawScale(svg, distance, border) {
  const end = Math.max(1, distance, border);
  svg.querySelector(".within").setAttribute("width", (100 * border) / end);
  svg.querySelector(".mark").setAttribute("x", (99.2 * Math.max(0, distance)) / end);
}
