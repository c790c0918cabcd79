// Forgetting an image, after asking whether that is meant.

import { request } from "./api.js";
import { part, write } from "./parts.js";
import { route } from "./routes.js";

/** Ask, and let the collection forget an image. @returns {Promise<boolean>} whether it did. */
export async function forget(id, name) {
  if (!(await confirmed(name))) return false;
  await request(route(`images/${id}`), { method: "DELETE" });
  return true;
}

function confirmed(name) {
  const dialog = document.getElementById("forget");
  write(dialog, "name", name);
  dialog.showModal();
  return new Promise((resolve) => {
    let sure = false;
    dialog.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      sure = true;
      dialog.close();
    };
    part(dialog, "cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve(sure);
  });
}
