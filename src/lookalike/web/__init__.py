"""The HTTP API, and the page over it.

- Connections: ``serving`` starts processes as ``options`` say, ``listening`` takes connections, and
  ``patience`` ends slow ones.
- Layers before the routes, put together by ``app``: ``accounting`` counts and logs (``logs``), ``answers``
  bounds what waits to leave, ``below`` serves it all below a path of a site, ``guard`` checks host, origin
  and token, ``bodies`` bounds what arrives.
- Callers: ``callers`` are known by ``tokens``, whose ``roles`` are compared with what a route ``needs``;
  ``allowance`` limits their rate.
- Routes: ``routes`` is a folder, a file for each noun, on ``routers``, which also put each route below the
  path of a collection. ``given``, ``lines``, ``known``, ``saying`` and ``cursors`` read what comes.
- Answers: ``schemas``, ``list_schemas``, ``bank_schemas``, ``duplicate_schemas``, ``review_schemas`` and
  ``hma_schemas`` are the shape of every one; ``replies`` writes them, and ``problems`` makes errors into
  answers.
- Work: ``service`` asks the collection on the threads of ``pipeline``; ``admission`` turns away what would
  wait too long; ``means`` is what the collections of a server share, ``several`` opens them.
- Pictures and the rest: ``thumbnails``, ``originals``; ``html`` fills the pages for people, whose scripts and
  styles are ``page_files``; ``duplicates`` is the scan behind one of them; ``sampling`` measures recall,
  ``metrics`` counts; ``description`` and ``documentation`` describe the API.
"""
