// One case: the checked picture and the bank's, beside each other and laid on each other, and what is known.

import { odds, strangerPair } from "./chances.js";
import { pictureOf } from "./kept.js";
import { Overlay } from "./overlay.js";
import { part, write } from "./parts.js";
import { showQuery } from "./queries.js";
import { WHOLE_PICTURE, count, splitPath } from "./words.js";

const TITLES = {
  picture: { identical: "The same picture as one in", copy: "A copy of a picture in", similar: "Like a picture in" },
  hash: { identical: "The file of a hash in", copy: "A copy, by a hash in", similar: "Alike, by a hash in" },
};
const HASHES = { sha256: "SHA-256", md5: "MD5", pdq: "PDQ hash", lookalike: "hash of this program" };
const VEILS = { blur: "blurred", grey: "grey" };

export class CaseView {
  element = document.getElementById("case");
  title = document.getElementById("case-title");
  #overlay = new Overlay();
  #modes = part(this.element, "modes");
  #shown = null;

  constructor() {
    for (const veil of Object.keys(VEILS)) part(this.element, veil).addEventListener("click", () => this.toggle(veil));
  }

  /** Show a case, blurred and grey unless it is the one that is shown already. `place`: "3 of 12 waiting". */
  async show(found, place) {
    const fresh = this.#shown?.case_id !== found.case_id;
    if (fresh) for (const veil of Object.keys(VEILS)) this.#veil(veil, true);
    this.#shown = found;
    this.element.hidden = false;
    write(this.element, "place", place);
    const named = TITLES[found.kind === "picture" ? "picture" : "hash"][found.verdict];
    const bank = document.createElement("em");
    bank.textContent = found.bank;
    this.title.replaceChildren(`${named} `, bank);
    write(this.element, "why", why(found));
    this.#notice(found);
    part(this.element, "facts").replaceChildren(...facts(found));
    if (fresh) await this.#draw(found);
  }

  /** Hide or show what a veil hides: "blur" or "grey". */
  toggle(veil) {
    this.#veil(veil, this.element.dataset[VEILS[veil]] !== "true");
  }

  /** Go on to the next way of looking at both pictures. */
  turnMode() {
    if (document.getElementById("overlay").hidden) return;
    const modes = [...this.#modes.querySelectorAll("input:not(:disabled)")];
    const next = modes[(modes.findIndex((mode) => mode.checked) + 1) % modes.length];
    next.checked = true;
    next.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #veil(veil, on) {
    this.element.dataset[VEILS[veil]] = on;
    const button = part(this.element, veil);
    button.setAttribute("aria-pressed", on);
    button.querySelector("span").textContent = on ? "on" : "off";
  }

  #notice(found) {
    const gone = found.entry_id === null ? "The bank no longer has this entry. " : "";
    const by = found.decision ? `Decided: ${found.decision}, by ${found.who}, ${moment(found.when)}.` : "";
    const notice = part(this.element, "notice");
    notice.textContent = `${gone}${by}`.trim();
    notice.hidden = !notice.textContent;
  }

  async #draw(found) {
    this.#overlay.hide();
    for (const side of ["known", "checked"]) this.#put(side, null, "Loading …");
    const [known, checked] = await Promise.all([pictureOf(found, "known"), pictureOf(found, "picture")]);
    if (found.case_id !== this.#shown.case_id) return; // another case came meanwhile
    this.#put("known", known, insteadOf(found), nameOf(found));
    this.#put("checked", checked, "Its copy was purged.", splitPath(found.name).file);
    if (!known || !checked) return;
    this.#overlay.show(known, checked);
    this.#overlay.align(found);
  }

  /** Put a picture into its frame, or words instead of it. */
  #put(side, picture, instead, words = "") {
    const figure = this.element.querySelector(`[data-side="${side}"]`);
    const img = figure.querySelector("img");
    const { alt } = img;
    if (picture) showQuery(img, picture);
    else img.hidden = true;
    img.alt = alt;
    write(figure, "instead", picture ? "" : instead);
    write(figure, "words", words);
  }
}

/** Why there is a match, in words. */
function why({ verdict, kind, differing, evidence, p }) {
  const said = [];
  if (kind === "md5" || kind === "sha256") said.push(`Both files have the same ${HASHES[kind]}.`);
  else if (differing !== null) said.push(`${count(differing)} of 256 bits of the two hashes differ.`);
  else if (verdict === "identical") said.push("Both are made of the same bytes or pixels.");
  else if (evidence?.verified) said.push(`The checked picture: ${evidence.words.join(", ") || WHOLE_PICTURE}.`);
  if (p > 0) said.push(strangerPair(p));
  return said.join(" ");
}

function insteadOf({ kind, value, image_id: image }) {
  if (kind !== "picture") return `The bank holds only a ${HASHES[kind]}, ${value.slice(0, 12)}…: there is no picture to compare with.`;
  return image === null ? "The collection has forgotten this picture." : "This picture cannot be shown: its file is gone.";
}

const nameOf = ({ paths, note, tags }) =>
  [paths.length ? splitPath(paths[0]).file : "", note, ...tags.map((tag) => `#${tag}`)].filter(Boolean).join(" · ");

const moment = (time) => time.replace("T", " ").replace(/:\d\dZ$/, " UTC");

/** What is known of a case, as pairs of a term and its words. */
function facts(found) {
  const rows = [
    ["Case", count(found.case_id)],
    ["Found", moment(found.queued)],
    ["Checked picture", found.name || "purged"],
    ["Its SHA-256", found.sha256],
    ["Bank", `${found.bank}; ${odds(found.fpr)} pairs of unrelated pictures may be called copies`],
    ["Entry", `${found.kind} ${found.value}`],
    ...found.paths.map((path) => ["Lies at", path]),
    ["Note", [...found.tags, found.note].filter(Boolean).join(" ")],
    ["Network", found.model],
    ["Decision", found.decision && `${found.decision} by ${found.who}, ${moment(found.when)}; audit entry ${count(found.logged)}`],
  ];
  return rows
    .filter(([, words]) => words)
    .map(([term, words]) => {
      const row = document.createElement("div");
      const [name, value] = ["dt", "dd"].map((tag) => document.createElement(tag));
      name.textContent = term;
      value.textContent = words;
      row.append(name, value);
      return row;
    });
}
