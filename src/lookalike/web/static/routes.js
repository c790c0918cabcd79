// Addresses of the server's routes. They are relative to the page, which a proxy may show below a path of its site.

/** The address of a route of the collection, as `route("images/17")`. */
export const route = (path) => `v1/${path}`;
