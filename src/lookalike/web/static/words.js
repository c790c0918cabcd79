// Numbers, days, paths and counts as the page writes them.

const MINUS = "\u2212";
const LONGEST_NAME = 48;
/** What is said of a copy by its embedding alone, which rates of 1 in 100,000 and more let through. */
export const UNVERIFIED = "Too alike to be unrelated, though laid on each other they do not agree.";
/** What a copy is of which nothing was cut away and to which nothing was added. */
export const WHOLE_PICTURE = "the whole picture, saved again, resized or recoloured";
const DETAIL = "differs in detail:";
const WIDER = /^set into a larger picture, (.+ %) of it$/;

const whole = new Intl.NumberFormat("en");
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** Where two pictures differ that are the same but for a detail, as a sentence; empty of any others. */
export function detail(evidence) {
  const said = evidence?.words.find((words) => words.startsWith(DETAIL));
  return said ? `The same but for a detail in ${said.slice(DETAIL.length).trim()}.` : "";
}

/** What was done to a picture to get a copy of it, as a sentence about the copy, which is called `copy`. */
export function done(words, copy) {
  const wider = words.length === 1 && WIDER.exec(words[0]);
  if (wider) return `${copy} shows more: this is ${wider[1]} of it.`; // the picture may be a crop of the copy
  return `${copy} is ${words.join(", ") || WHOLE_PICTURE}.`;
}

/** 1234 as "1,234". */
export const count = (number) => whole.format(number);

/** "1 picture", "2 pictures", "2 copies". */
export const counted = (number, noun) =>
  `${count(number)} ${number === 1 ? noun : noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;

/** A number with so many decimals and a true minus sign; never "−0.000". */
export function decimal(number, places = 3) {
  const text = number.toFixed(places);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", MINUS);
}

/** Milliseconds, with as many digits as mean something. */
export function milliseconds(time) {
  if (time >= 1000) return `${decimal(time / 1000, 1)} s`;
  return `${decimal(time, time < 10 ? 2 : 0)} ms`;
}

/** Bytes as "1.2 MB". */
export function bytes(size) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let step = 0;
  let left = size;
  while (left >= 1000 && step < units.length - 1) {
    left /= 1000;
    step += 1;
  }
  return `${decimal(left, step && left < 100 ? 1 : 0)} ${units[step]}`;
}

/** A time in ISO 8601 as a day: "12 Mar 2024". */
export const day = (time) => days.format(new Date(time));

/** A path cut into its last name and the folder it lies in. */
export function splitPath(path) {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return { folder: at > 0 ? path.slice(0, at) : "", file: path.slice(at + 1) };
}

/** A name short enough to read; names made of hashes lose their middle. */
export const shortName = (name) =>
  name.length > LONGEST_NAME ? `${name.slice(0, 18)}…${name.slice(-12)}` : name;

/** A path as seen from the indexed folder that holds it: that folder's name, then the rest. */
export function nearPath(path, folders) {
  const separator = path.includes("\\") ? "\\" : "/";
  const holds = (folder) => path === folder || path.startsWith(folder.replace(/[/\\]?$/, separator));
  const home = folders.filter(holds).sort((a, b) => b.length - a.length)[0];
  return home ? path.slice(splitPath(home).folder.length).replace(/^[/\\]/, "") : path;
}
