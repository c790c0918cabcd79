// What the server lacks, as a cluster has no duplicates: no page of it leads there.

import { ask } from "./api.js";
import { route } from "./routes.js";

/** Ask what the collection is like, and hide the link to what the server lacks. */
export async function statsShown() {
  const stats = await ask(route("stats"));
  document.querySelector("nav a[href$='#duplicates']").hidden = stats.lacks.includes("duplicates");
  return stats;
}
