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
