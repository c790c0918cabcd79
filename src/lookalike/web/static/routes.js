// Addresses of the server's routes. They are relative to the page, which a proxy may show below a path of its site.

let collection = "";

/** Ask a collection by its name from now on; "" for the only one of the server. */
export function choose(name) {
  collection = name;
}

/** The name of the collection that is asked; "" for the only one. */
export const chosen = () => collection;

/** The address of a route of the collection, as `route("images/17")`. */
export const route = (path) => (collection ? `v1/collections/${encodeURIComponent(collection)}/${path}` : `v1/${path}`);
