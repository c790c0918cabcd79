"use strict";

/** The colours of the style sheet, which depend on the light or dark theme. */
function theme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: colour("ground"),
    text: colour("text"),
    accent: colour("accent"),
    faint: colour("faint"),
    classes: [0, 1, 2, 3, 4, 5].map((place) => colour(`c${place}`)),
    buckets: [0, 1, 2, 3, 4, 5, 6].map((place) => colour(`b${place}`)),
  };
}

const SLOTS = 12; // six colours as circles, the same as triangles

/** How classes look: the first is for all without a colour of their own. */
function classPalette() {
  const { faint, classes } = theme();
  const slots = Array.from({ length: SLOTS }, (_, slot) => ({
    colour: classes[slot % classes.length],
    triangle: slot >= classes.length,
    edged: true,
  }));
  return [{ colour: faint, triangle: false, edged: false }, ...slots];
}

/** How buckets look: along a scale, so that keys with the same first bits have colours near each other. */
function bucketPalette(bits) {
  const stops = theme().buckets.map(channels);
  const count = 2 ** bits;
  return Array.from({ length: count }, (_, key) => {
    const along = (key / (count - 1)) * (stops.length - 1);
    const below = Math.min(Math.floor(along), stops.length - 2);
    const mixed = stops[below].map((value, channel) =>
      Math.round(value + (stops[below + 1][channel] - value) * (along - below)),
    );
    return { colour: `rgb(${mixed.join(" ")})`, triangle: key % 2 === 1, edged: true };
  });
}

function channels(hex) {
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

/** Which classes have which colour: a class keeps its own while it is shown, and others take what is free. */
class Slots {
  /** @param preferred classes, those first that should get a colour first */
  constructor(preferred) {
    this.preferred = preferred;
    this.of = new Map();
  }

  settle(isShown) {
    for (const label of this.of.keys()) if (!isShown(label)) this.of.delete(label);
    const used = new Set(this.of.values());
    const free = Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => !used.has(slot));
    for (const label of this.preferred) {
      if (!free.length) break;
      if (isShown(label) && !this.of.has(label)) this.of.set(label, free.shift());
    }
  }
}
