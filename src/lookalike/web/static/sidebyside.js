// LSH and exact search beside each other: what each took, and how many of their answers are the same.

import { card } from "./results.js";
import { part, stamp, write } from "./parts.js";
import { count, counted, milliseconds } from "./words.js";

export class SideBySide {
  element = stamp("beside");
  #answers = {};

  /** Show one side's answer; `options` are those of `card`. */
  show(name, answer, options) {
    const side = this.element.querySelector(`[data-side="${name}"]`);
    write(side, "time", milliseconds(answer.took.search_ms));
    write(side, "work", workOf(name, answer));
    side.querySelector(".grid").replaceChildren(...answer.matches.map((match) => card(match, options)));
    this.#answers[name] = answer;
    if (this.#answers.lsh && this.#answers.exact) this.#judge();
  }

  #judge() {
    const { lsh, exact } = this.#answers;
    const ids = { lsh: idsOf(lsh), exact: idsOf(exact) };
    const shared = [...ids.exact].filter((id) => ids.lsh.has(id)).length;
    const most = Math.max(ids.lsh.size, ids.exact.size);
    write(this.element, "overlap", `${count(shared)} of ${count(most)}`);
    write(this.element, "words", ` answers are the same${speed(lsh, exact)}`);
    const longest = Math.max(lsh.took.search_ms, exact.took.search_ms) || 1;
    for (const [name, other] of [["lsh", "exact"], ["exact", "lsh"]]) {
      const side = this.element.querySelector(`[data-side="${name}"]`);
      side.querySelector("rect").setAttribute("width", (100 * this.#answers[name].took.search_ms) / longest);
      for (const item of side.querySelectorAll(".card")) {
        const alone = !ids[other].has(Number(item.dataset.id));
        item.classList.toggle("alone", alone);
        if (alone) part(item, "distance").textContent = "only here";
      }
    }
  }
}

const idsOf = (answer) => new Set(answer.matches.map((match) => match.image_id));

/** How the times compare, where LSH was used and they differ enough to say so. */
function speed(lsh, exact) {
  if (!lsh.work.probes) return "";
  const ratio = exact.took.search_ms / lsh.took.search_ms;
  if (ratio < 1.5 || !Number.isFinite(ratio)) return "";
  return `; LSH was ${ratio < 10 ? ratio.toFixed(1) : count(Math.round(ratio))} times as fast`;
}

function workOf(name, { work }) {
  const compared = ` ${counted(work.distances, "distance")} measured`;
  if (name === "exact") return compared;
  if (!work.probes) return ` scanned ${counted(work.distances, "picture")}, which is fastest at this size`;
  return `${compared}, ${counted(work.probes, "bucket")} visited`;
}
