// The way to the review page, from the page on which people search.

import { request } from "./api.js";
import { chosen, route } from "./routes.js";

/** Show the link to the review page where there are cases, and the reader may see them. */
export async function offerReview(link) {
  const answer = await request(route("reviews?limit=1")).catch(() => null);
  if (chosen()) link.search = new URLSearchParams({ collection: chosen() });
  link.hidden = !(await answer?.json())?.cases.length;
}
