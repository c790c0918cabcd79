// Keys that act anywhere on the page, unless the reader types into a field or has switched them off.

const KEY = "lookalike-shortcuts";

/** Let single keys act; `actions`: functions by key. `toggle`: the checkbox that switches them off, which is kept. */
export function watchKeys(actions, toggle) {
  toggle.checked = kept() !== "off";
  toggle.addEventListener("change", () => keep(toggle.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const { ctrlKey, metaKey, altKey, repeat, target, key } = event;
    if (!toggle.checked || ctrlKey || metaKey || altKey || repeat || isTyping(target)) return;
    const action = actions[key.toLowerCase()];
    if (!action || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    action();
  });
}

/** Whether letters belong to the element that has the focus. */
const isTyping = (element) =>
  element.matches("select, textarea, input:not([type=radio], [type=checkbox], [type=range])");

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is blocked: keys act, until they are switched off on this page
  }
}

function keep(value) {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // as above
  }
}
