// A group of copies: its members side by side, which of them to keep and why, and what a reader can decide.

import { act, describe, nameOf, offerActs } from "./about.js";
import { strangerPair } from "./chances.js";
import { part, stamp, write } from "./parts.js";
import { UNVERIFIED, WHOLE_PICTURE, counted, decimal, detail, nearPath, splitPath } from "./words.js";

/**
 * A group as a list item.
 *
 * @param group as the server gives it.
 * @param options folders: those of the collection, which shorten paths; compare(first, second): shows two
 *   members beside each other; decide(images, decision, item): records a decision about some members.
 */
export function groupItem(group, { folders, compare, decide }) {
  const item = stamp("group");
  item.dataset.images = group.members.length;
  const all = group.members.map((member) => named(member, group.keep_path));
  const medoid = all.find((member) => member.image_id === group.medoid) ?? all[0];
  const kept = all.find((member) => member.image_id === group.keep) ?? null;
  const ordered = [...new Set([kept ?? medoid, medoid, ...all])];
  const title = part(item, "title");
  title.textContent = titleOf(group.members);
  title.id = `group-${group.group_id}`;
  item.setAttribute("aria-labelledby", title.id);
  write(item, "alike", `Least similarity ${decimal(group.least_similarity)}`);
  write(item, "reason", group.keep_path ? `Keep ${splitPath(group.keep_path).file}. ${group.reason}` : "");
  const keeping = part(item, "keep-all");
  const ids = group.members.map((member) => member.image_id);
  keeping.addEventListener("click", () => decide(ids, "keep all", item));
  keeping.setAttribute("aria-label", `Keep all of this group: ${title.textContent}`);
  const members = ordered.map((member) => memberItem(member, { medoid, kept, folders, compare, decide, item }));
  item.querySelector(".members").append(...members);
  return item;
}

function memberItem(member, { medoid, kept, folders, compare, decide, item }) {
  const element = stamp("member");
  const { file } = nameOf(member, folders);
  const middle = member === medoid;
  describe(element, { ...member, paths: member.paths.slice(0, 1) }, folders);
  part(element, "others").append(...member.paths.slice(1).map((path) => place(nearPath(path, folders))));
  offerActs(element, member, folders);
  part(element, "badge").hidden = member !== kept;
  const frames =
    (member.several_frames ? " Of its frames or pages only one was compared." : "") +
    (member.doubt ? ` Its file is not complete: ${member.doubt}.` : "");
  if (!middle) write(element, "done", doneTo(member) + frames);
  else if (item.dataset.images > 1) write(element, "done", `The others are compared with this one.${frames}`);
  write(element, "chance", middle || !(member.p > 0) ? "" : strangerPair(member.p));
  const picture = element.querySelector(".picture");
  const other = middle ? kept : medoid;
  picture.disabled = !other || other === member;
  picture.setAttribute("aria-label", picture.disabled ? file : `Compare ${file} with ${nameOf(other, folders).file}`);
  picture.addEventListener("click", () => compare(other, member));
  const apart = part(element, "apart");
  apart.hidden = middle;
  const pair = [medoid.image_id, member.image_id];
  act(apart, `${file} is not a match`, "Never group these two again", () => decide(pair, "not a match", item));
  return element;
}

/** A member by the name of the file to keep, if that is one of its own; the date known is of the first file. */
function named(member, keep) {
  if (!member.paths.slice(1).includes(keep)) return member;
  return { ...member, paths: [keep, ...member.paths.filter((path) => path !== keep)], modified: null };
}

/** "3 pictures", and how many files where bytes lie in several. */
function titleOf(members) {
  const files = members.reduce((sum, member) => sum + member.paths.length - member.links.length, 0);
  if (members.length === 1) return `${counted(files, "file")} with the same bytes`;
  const pictures = counted(members.length, "picture");
  return files === members.length ? pictures : `${pictures} in ${counted(files, "file")}`;
}

function place(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function doneTo({ verdict, evidence }) {
  if (verdict === "identical") return "The same pixels.";
  if (verdict === "similar") return detail(evidence) || "Similar, but no copy.";
  if (!evidence) return "By their embeddings they are too alike to be unrelated; there is no file left to look at.";
  if (!evidence.verified) return UNVERIFIED;
  const words = evidence.words.join(", ") || WHOLE_PICTURE;
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}
