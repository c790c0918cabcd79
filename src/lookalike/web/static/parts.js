// Copies of the page's templates, and the named parts of them.

/** The one element of a template, or all of them in a fragment. */
export function stamp(name) {
  const copy = document.getElementById(`template-${name}`).content.cloneNode(true);
  return copy.childElementCount === 1 ? copy.firstElementChild : copy;
}

/** The part of an element that is marked `data-part="name"`. */
export const part = (element, name) => element.querySelector(`[data-part="${name}"]`);

/** Put text into a part. */
export function write(element, name, text) {
  part(element, name).textContent = text;
}

/** Write a file's name into an element, so that no line breaks within its ending. */
export function writeName(element, name) {
  const [, stem, ending, rest] = /^(.+?)(.{0,3}\.\w{1,5})((?: .*)?)$/.exec(name) ?? [];
  if (!ending) {
    element.textContent = name;
    return;
  }
  const whole = document.createElement("span");
  whole.className = "ending";
  whole.textContent = ending;
  element.replaceChildren(stem, whole, rest);
}
