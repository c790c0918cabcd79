"use strict";

/** What the page was made of, with a few questions it can answer. */
class Atlas {
  constructor(facts, thumbnails) {
    Object.assign(this, facts);
    this.thumbnails = thumbnails;
    const coloured = new Set(this.coloured);
    const others = [...this.classes.keys()].filter((label) => !coloured.has(label));
    this.order = [...this.coloured, ...others];
  }

  className(point) {
    return this.classes[this.labels[point]];
  }

  title(point) {
    return `${this.className(point)}/${this.names[point]}`;
  }

  /** The first bits of a picture's hash key. */
  key(point, bits) {
    return this.keys[point] >> (this.bits - bits);
  }

  /** The pictures whose class or file name contains a text. */
  matching(text) {
    const wanted = text.toLowerCase();
    return [...this.names.keys()].filter((point) => this.title(point).toLowerCase().includes(wanted));
  }
}

const element = (id) => document.getElementById(id);
const facts = JSON.parse(element("data").textContent);
const thumbnails = new Thumbnails([...document.querySelectorAll("img.sheet")], facts.sheet);
const atlas = new Atlas(facts, thumbnails);
const scatter = new Scatter(element("map"), atlas.maps, atlas.labels, atlas.classes, thumbnails);
const legend = new Legend(element("classes"), atlas, repaint);
const slots = new Slots(atlas.order);
let matches = null; // points that the search found; null where nothing is searched for

function chosenValue(name) {
  return document.querySelector(`input[name="${name}"]:checked`).value;
}

/** Give every point its look, by the controls as they are. */
function repaint() {
  const byBucket = chosenValue("colour") === "buckets";
  const bits = Number(element("bits").value);
  const own = byBucket && scatter.chosen !== null ? atlas.key(scatter.chosen, bits) : null;
  const found = matches && new Set(matches);
  slots.settle((label) => legend.isShown(label));
  const palette = byBucket ? bucketPalette(bits) : classPalette();
  const styles = atlas.labels.map((label, point) =>
    byBucket ? atlas.key(point, bits) : (slots.of.get(label) ?? -1) + 1,
  );
  const passes = atlas.labels.map((label, point) => legend.isShown(label) && (!found || found.has(point)));
  const states = passes.map((pass, point) =>
    pass && (own === null || atlas.key(point, bits) === own) ? PLAIN : FAINT,
  );
  scatter.coloured = byBucket ? new Set() : new Set(slots.of.keys());
  scatter.paint(styles, states, palette, passes);
  legend.colour(byBucket ? new Map() : slots.of);
  element("hashing").hidden = !byBucket;
  if (byBucket) tellBuckets(bits, palette, own);
}

function tellBuckets(bits, palette, own) {
  const { buckets, largest, together } = atlas.crowding[bits - 1];
  element("bits-shown").textContent = bits;
  fillScale(element("scale"), palette, own);
  element("crowding").textContent =
    `${buckets} of ${2 ** bits} buckets hold pictures, the fullest ${largest.toLocaleString("en")}. ` +
    `Of a picture\u2019s ${atlas.neighbours[0].length} nearest, ${Math.round(100 * together)} % share its bucket.`;
}

/** Choose a picture, or none. */
function choose(point) {
  scatter.chosen = point;
  scatter.near = point === null ? [] : atlas.neighbours[point];
  element("said").textContent =
    point === null
      ? "No picture chosen"
      : `${atlas.title(point)} chosen; nearest to it is ${atlas.title(atlas.neighbours[point][0])}`;
  if (point === null) {
    element("picture").replaceChildren(make("p", "Choose a picture on the map.", "quiet"));
  } else {
    fillPicture(element("picture"), atlas, point, Number(element("bits").value), (other) => {
      choose(other);
      element("chosen").focus({ preventScroll: true }); // the button that was pressed is gone
    });
  }
  repaint();
}

function search() {
  const text = element("query").value.trim();
  matches = text ? atlas.matching(text) : null;
  fillResults(element("results"), atlas, matches ?? [], choose);
  element("approach").disabled = !matches?.length;
  const more = matches?.length > RESULTS_SHOWN ? `, the first ${RESULTS_SHOWN} of them below` : "";
  element("found").textContent = matches ? `${counted(matches.length, "picture")}${more}` : "";
  repaint();
}

function approach() {
  if (!matches?.length) return;
  scatter.camera.frame(matches.map((point) => [scatter.places[2 * point], scatter.places[2 * point + 1]]));
  scatter.draw();
}

function lay() {
  const method = chosenValue("method");
  scatter.show(method);
  element("caption").textContent = atlas.captions[method];
}

function start() {
  for (const input of document.querySelectorAll('input[name="method"]')) input.addEventListener("change", lay);
  for (const input of document.querySelectorAll('input[name="colour"]')) input.addEventListener("change", repaint);
  element("bits").addEventListener("input", () => choose(scatter.chosen));
  element("query").addEventListener("input", search);
  element("query").addEventListener("keydown", (event) => event.key === "Enter" && approach());
  element("approach").addEventListener("click", approach);
  for (const [id, shown] of [["all", true], ["none", false]]) {
    element(id).addEventListener("click", () => {
      legend.setAll(shown);
      repaint();
    });
  }
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  new Gestures(scatter, element("tip"), atlas, choose);
  lay();
  search();
}

thumbnails.ready().then(start);
