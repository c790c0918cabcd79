// The way to the review page, from the page on which people search.

import { request } from "./api.js";

/** Show the link to the review page where there are cases, and the reader may see them. */
export async function offerReview(link) {
  const answer = await request("/v1/reviews?limit=1").catch(() => null); // a cluster has no review
  link.hidden = !(await answer?.json())?.cases.length;
}
