// Who decides: asked for once, kept in this browser.

import { part } from "./parts.js";

const KEY = "lookalike-reviewer";

/** The name that stands beside decisions; "" for none yet. */
export const reviewer = () => {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return chosen; // storage is blocked: the name lasts as long as the page
  }
};

let chosen = "";

/** The name, asked for if there is none yet or if `again`. @returns {Promise<string>} "" where none is given. */
export async function askReviewer({ again = false } = {}) {
  if (reviewer() && !again) return reviewer();
  const dialog = document.getElementById("who");
  const field = document.getElementById("who-field");
  field.value = reviewer();
  dialog.showModal();
  field.select();
  return new Promise((resolve) => {
    let given = "";
    dialog.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      given = field.value.trim();
      if (!given) return;
      keep(given);
      dialog.close();
    };
    part(dialog, "cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve(given);
  });
}

function keep(name) {
  chosen = name;
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // as above
  }
}
