// A group of copies: its members side by side, which of them to keep and why, and what a reader can decide.

import { act, describe, nameOf, offerActs } from "./about.js";
import { strangerPair } from "./chances.js";
import { part, stamp, write, writeName } from "./parts.js";
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
  write(item, "spare", spareOf(group));
  write(item, "alike", `Group ${group.group_id}, least similarity ${decimal(group.least_similarity)}`);
  write(item, "reason", group.keep_path ? `Keep ${splitPath(group.keep_path).file}. ${group.reason}` : "");
  const keeping = part(item, "keep-all");
  const ids = group.members.map((member) => member.image_id);
  keeping.addEventListener("click", () => decide(ids, "keep all", item));
  keeping.setAttribute("aria-label", `Keep all of this group: ${title.textContent}`);
  const left = new Map(group.left.map((file) => [file.path, file]));
  const members = ordered.map((member) => memberItem(member, { medoid, kept, left, folders, compare, decide, item }));
  item.querySelector(".members").append(...members);
  return item;
}

function memberItem(member, { medoid, kept, left, folders, compare, decide, item }) {
  const element = stamp("member");
  const { file } = nameOf(member, folders);
  const middle = member === medoid;
  describe(element, { ...member, paths: member.paths.slice(0, 1) }, folders);
  const [first, ...others] = member.paths;
  const why = (path, said) => (left.has(path) ? leftAlone(left.get(path), said) : []);
  part(element, "others").append(...others.map((path) => place(nearPath(path, folders), why(path, ""))));
  offerActs(element, member, folders);
  part(element, "badge").hidden = member !== kept;
  const frames =
    (member.several_frames ? " Of its frames or pages only one was compared." : "") +
    (member.doubt ? ` Its file is not complete: ${member.doubt}.` : "");
  if (!middle) write(element, "done", doneTo(member) + frames);
  else if (item.dataset.images > 1) write(element, "done", `The others are compared with this one.${frames}`);
  part(element, "left").append(...why(first, middle ? "" : doneTo(member)));
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

/** How many files of a group could go; one with several names counts once. */
export const spareFiles = ({ members, spare }) => filesAt(spare, members);

function filesAt(paths, members) {
  const links = new Set(members.flatMap((member) => member.links));
  return paths.filter((path) => !links.has(path)).length;
}

/** How many files of a group could go, and how many are left alone. */
function spareOf(group) {
  if (!group.keep_path) return "";
  const spare = spareFiles(group);
  const alone = filesAt(group.left.map((file) => file.path), group.members);
  const said = spare ? `${counted(spare, "file")} could go` : "No file could go";
  return `${said}${alone ? `; ${counted(alone, "file")} ${alone === 1 ? "is" : "are"} left alone` : ""}.`;
}

/** Why a file is left alone, unless it was `said` before, and what would change that; a sentence in pieces. */
function leftAlone({ kind, reason }, said) {
  const known = said.toLowerCase().includes(reason.toLowerCase());
  const why = known ? "" : `: ${reason}`;
  if (kind !== "edited") return [`Left alone${why}.`];
  const option = document.createElement("code");
  option.textContent = "--edited";
  return ["Left alone unless ", option, ` is given${why}.`];
}

function place(path, why) {
  const item = document.createElement("li");
  writeName(item, path);
  if (why.length) item.append(" – ", ...why);
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
