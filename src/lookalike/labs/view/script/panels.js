"use strict";

const RESULTS_SHOWN = 60;
const SHAPES = ["M6 1a5 5 0 1 0 0 10a5 5 0 1 0 0-10z", "M6 0.5L11.5 11H0.5z"]; // a circle and a triangle

/** A button with a picture's thumbnail, which chooses that picture. */
function pickButton(atlas, point, choose) {
  const button = make("button", undefined, "pick");
  button.type = "button";
  button.title = atlas.title(point);
  button.setAttribute("aria-label", atlas.title(point));
  button.append(atlas.thumbnails.element(point));
  button.addEventListener("click", () => choose(point));
  return button;
}

/** The pictures that a search found. */
function fillResults(list, atlas, points, choose) {
  const items = points.slice(0, RESULTS_SHOWN).map((point) => {
    const item = make("li");
    item.append(pickButton(atlas, point, choose));
    return item;
  });
  list.replaceChildren(...items);
}

/** The chosen picture and the nearest ones. */
function fillPicture(panel, atlas, point, bits, choose) {
  const card = make("div", undefined, "card");
  const words = make("div");
  const name = make("p");
  name.append(make("strong", atlas.className(point)), make("span", atlas.names[point]));
  words.append(name, bucketWords(atlas, point, bits));
  card.append(atlas.thumbnails.element(point), words);
  const near = make("ol", undefined, "thumbs near");
  atlas.neighbours[point].forEach((other, rank) => {
    const button = pickButton(atlas, other, choose);
    const similarity = atlas.similarities[point][rank].toFixed(2).replace("-", "\u2212");
    const same = atlas.labels[other] === atlas.labels[point];
    button.setAttribute("aria-label", `${atlas.title(other)}, similarity ${similarity}`);
    button.append(make("strong", similarity), make("span", atlas.className(other), same ? "" : "other"));
    const item = make("li");
    item.append(button);
    near.append(item);
  });
  panel.replaceChildren(card, make("p", "The nearest, with their cosine similarity:", "quiet"), near);
}

function bucketWords(atlas, point, bits) {
  const key = atlas.key(point, bits);
  const mates = atlas.keys.filter((_, other) => atlas.key(other, bits) === key).length - 1;
  const kept = atlas.neighbours[point].filter((other) => atlas.key(other, bits) === key).length;
  const words = make("p", undefined, "quiet");
  words.append(
    "Bucket ",
    make("code", key.toString(2).padStart(bits, "0")),
    ` holds ${counted(mates, "other picture")}, and ${kept} of the ${atlas.neighbours[point].length} nearest.`,
  );
  return words;
}

/** The list of classes, each with its mark and a box to show or hide it. */
class Legend {
  constructor(list, atlas, onChange) {
    this.boxes = new Map();
    for (const label of atlas.order) {
      const row = make("label");
      const box = make("input");
      box.type = "checkbox";
      box.checked = true;
      box.addEventListener("change", onChange);
      const count = atlas.labels.filter((other) => other === label).length;
      row.append(box, mark(), make("span", atlas.classes[label]), make("span", count.toLocaleString("en")));
      row.title = atlas.classes[label];
      const item = make("li");
      item.append(row);
      list.append(item);
      this.boxes.set(label, box);
    }
  }

  isShown(label) {
    return this.boxes.get(label).checked;
  }

  setAll(shown) {
    for (const box of this.boxes.values()) box.checked = shown;
  }

  /** @param slots the colours by class; empty where colours mean something else */
  colour(slots) {
    for (const [label, box] of this.boxes) {
      const slot = slots.get(label);
      box.parentElement.className = slot === undefined ? "" : `lit slot-${slot}`;
      box.parentElement.querySelector("path").setAttribute("d", SHAPES[slot >= SLOTS / 2 ? 1 : 0]);
    }
  }
}

function mark() {
  const space = document.querySelector(".name svg").namespaceURI;
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 12 12");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(document.createElementNS(space, "path"));
  return drawing;
}

/** The colours of all buckets in the order of their keys, the chosen picture's marked. */
function fillScale(scale, palette, own) {
  const cells = palette.map((look, key) => {
    const cell = make("i", undefined, key === own ? "own" : "");
    cell.style.background = look.colour;
    return cell;
  });
  scale.replaceChildren(...cells);
}

function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
