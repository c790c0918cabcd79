// Matches as cards: picture, verdict, what was done to it, where it lies, and what can be done with it.

import { act, describe, nameOf, offerActs } from "./about.js";
import { strangerInSearch } from "./chances.js";
import { part, stamp, write } from "./parts.js";
import { UNVERIFIED, decimal, detail, done } from "./words.js";

const VERDICTS = { identical: "Identical", copy: "Copy", similar: "Similar", different: "Different" };

/**
 * A match as a list item.
 *
 * @param match as the server gives it.
 * @param options folders: those of the collection, which shorten paths; distance: whether to state it too;
 *   itself: the id of the query, if it is an image of the collection; again(match), compare(match),
 *   forget(match): what its buttons do.
 */
export function card(match, { folders, distance, itself, again, compare, forget }) {
  const item = stamp("card");
  const { file } = nameOf(match, folders);
  item.dataset.id = match.image_id;
  item.dataset.verdict = match.verdict;
  describe(item, match, folders);
  offerActs(item, match, folders);
  write(item, "verdict", match.image_id === itself ? "The picture itself" : VERDICTS[match.verdict]);
  write(item, "done", match.image_id === itself ? "" : doneTo(match, itself ? "The one searched by" : "Yours"));
  write(item, "chance", match.verdict === "copy" ? strangerInSearch(match.p_search) : "");
  write(item, "similarity", decimal(match.similarity));
  write(item, "distance", distance ? `distance ${decimal(match.distance, 2)}` : "");
  const picture = item.querySelector(".picture");
  const label = `${match.rank}: ${file}, ${VERDICTS[match.verdict]}, similarity ${decimal(match.similarity)}. Compare`;
  picture.setAttribute("aria-label", label);
  picture.addEventListener("click", () => compare(match));
  act(part(item, "again"), `Search by this one: ${file}`, "Search by this one", () => again(match));
  act(part(item, "forget"), `Forget ${file}`, "Forget", () => forget(match));
  return item;
}

/** As many grey cards as there may be matches. */
export function placeholders(count) {
  return Array.from({ length: count }, () => {
    const item = document.createElement("li");
    item.className = "card waiting";
    item.append(document.createElement("div"));
    return item;
  });
}

/** What was done to a match to get the query, or where both differ, in words; `query`: what it is called. */
function doneTo({ verdict, evidence }, query) {
  if (verdict === "identical") return "The same pixels.";
  if (verdict !== "copy") return detail(evidence);
  if (!evidence) return "By their embeddings they are too alike to be unrelated; there is no file left to look at.";
  if (!evidence.verified) return UNVERIFIED;
  return done(evidence.words, query);
}
