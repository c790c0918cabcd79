// An answer in sections: copies first, then a rule, then what only looks alike.

import { card } from "./results.js";
import { counted } from "./words.js";

const COPIES = ["identical", "copy"];
const SECTIONS = [
  { name: "copies", verdicts: COPIES },
  {
    name: "similar",
    verdicts: ["similar"],
    title: "Similar pictures",
    words: "They look alike, but none of them is a copy.",
  },
  {
    name: "different",
    verdicts: ["different"],
    title: "Different pictures",
    words: "Nothing nearer was found. These are the nearest of the rest.",
  },
];

/** The matches as sections of cards; `options` are those of `card`. */
export function sections(matches, options) {
  return SECTIONS.flatMap(({ name, verdicts, title, words }) => {
    const inside = matches.filter((match) => verdicts.includes(match.verdict));
    if (!inside.length) return [];
    const section = document.createElement("section");
    section.className = `part ${name}`;
    section.setAttribute("aria-labelledby", title ? `part-${name}` : "found-title");
    if (title) section.append(heading(title, `part-${name}`), paragraph(words));
    section.append(grid(inside.map((match) => card(match, options))));
    return [section];
  });
}

/** "2 copies found"; an image of the collection that is searched by is not counted as a copy of itself. */
export function headline(matches, itself) {
  const copies = matches.filter((match) => COPIES.includes(match.verdict));
  const others = copies.filter((match) => match.image_id !== itself).length;
  const other = copies.length > others ? "other " : "";
  return others ? `${counted(others, `${other}copy`)} found` : `No ${other}copy found`;
}

/** Cards in a list. */
export function grid(items) {
  const list = document.createElement("ol");
  list.className = "grid";
  list.append(...items);
  return list;
}

function heading(text, id) {
  const element = document.createElement("h3");
  element.id = id;
  element.textContent = text;
  return element;
}

function paragraph(text) {
  const element = document.createElement("p");
  element.textContent = text;
  return element;
}
