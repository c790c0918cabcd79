// Chances as people say them: "1 in 40,000".

import { count } from "./words.js";

const LEAST = 1e-12;
const UNITS = [[1e9, "billion"], [1e6, "million"]];

/** A chance from 0 to 1 as "1 in 40,000", to two digits. */
export function odds(chance) {
  if (!(chance > LEAST)) return "less than 1 in a trillion";
  const number = Number((1 / chance).toPrecision(1 / chance < 10 ? 1 : 2));
  const [size, unit] = UNITS.find(([least]) => number >= least) ?? [1, ""];
  if (number === size && unit) return `1 in a ${unit}`;
  return `1 in ${count(number / size)}${unit && ` ${unit}`}`;
}

/** What `p_search` means: the chance that any unrelated picture of the collection looks as much alike. */
export function strangerInSearch(chance) {
  if (chance >= 0.5) return "In most searches an unrelated picture looks as much alike.";
  if (chance <= LEAST) return "Less than 1 chance in a trillion that an unrelated picture looks so alike in this search.";
  return `About 1 chance ${odds(chance).slice(2)} that an unrelated picture looks so alike in this search.`;
}

/** What `p` means: the chance that two unrelated pictures look as much alike. */
export function strangerPair(chance) {
  if (chance <= LEAST) return "Less than one pair of unrelated pictures in a trillion looks so alike.";
  return `About one pair of unrelated pictures ${odds(chance).slice(2)} looks so alike.`;
}

/** What the rate of false copies means for a collection of this size; `expected` a search. */
export function falseCopies(expected) {
  const many = Math.round(expected);
  if (many > 1) return `A search calls about ${count(many)} different pictures copies.`;
  if (expected > 0.5) return "A search calls about one different picture a copy.";
  if (expected <= LEAST) return "Less than one search in a trillion calls a different picture a copy.";
  return `About one search ${odds(expected).slice(2)} calls a different picture a copy.`;
}
