// The server's token: asked for once, kept as long as the tab is open.

import { part } from "./parts.js";

const KEY = "lookalike-token";
let asking = null;

/** The token that requests carry; "" for none. */
export const token = () => sessionStorage.getItem(KEY) ?? "";

/** Headers that a request needs. */
export const credentials = () => (token() ? { Authorization: `Bearer ${token()}` } : {});

/**
 * Get another token than the one that was refused. Requests refused together share one question.
 *
 * @returns {Promise<boolean>} false where the reader would not give one.
 */
export async function renewToken(refused) {
  if (token() !== refused) return true; // another request's question was answered meanwhile
  asking ??= question(refused !== "").finally(() => {
    asking = null;
  });
  return asking;
}

function question(again) {
  const dialog = document.getElementById("token");
  const form = dialog.querySelector("form");
  const field = document.getElementById("token-field");
  const words = part(dialog, "words");
  words.textContent = again ? "That was not it. Try once more." : "Whoever started the server has it.";
  field.value = "";
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    let given = false;
    form.onsubmit = (event) => {
      event.preventDefault();
      sessionStorage.setItem(KEY, field.value.trim());
      given = true;
      dialog.close();
    };
    part(dialog, "cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve(given);
  });
}
