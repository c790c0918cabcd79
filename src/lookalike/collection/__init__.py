"""A collection of pictures: the facade, and the modules that it calls.

``lookalike.Collection`` is the facade. Nothing is imported here, so that a program that needs one module, as
the client, does not load the others.

- The facade: ``facade`` is the class ``Collection``, whose methods only call. ``basis`` is what an answer
  stands on: embedder, index, catalog and calibration of one moment. ``own_embedder`` loads the collection's
  embedder.
- Searching: ``questions`` asks and answers, ``many`` about many pictures at once. ``pictures`` makes an RGB
  picture of a path, URL or bytes, and ``queries`` embeds it. ``verdicts`` judges what the index finds,
  and ``judging`` does so for the whole query and for each panel of a collage. In ``crowds`` of pages, all
  alike to the embedder, ``landmarked`` finds further copies, and ``divided`` finds the collages that show a
  query, by ``kept_panels``. ``looks`` compares images with the query as pictures, and ``calibrating``
  measures how alike unrelated pictures are. ``presence`` tells which files still exist.
- Adding: ``adding`` is the one loop that reads, embeds and records, on the threads of ``workers``. It takes
  in files (``filling``), the bytes of ``uploads``, vectors of another program (``bringing``), and all
  pictures again for another embedder (``moving``). ``leftovers`` finds what killed uploads left.
  ``refusing`` reports a broken file only once. ``annotating`` reads metadata from a file. ``marking`` finds
  the landmarks of images in crowds, and ``dividing`` the panels of collages.
- Changing: ``forgetting`` chooses what to forget. ``verifying`` looks for damage, and ``repairing`` reads
  damaged entries again from their ``originals``.
- Values that go out: ``answers``, ``reports``, ``status``, and ``notebook`` for notebooks.
- Without a collection: ``comparison`` compares two pictures, ``hashes`` two hashes, ``keys`` reads a secret
  key.
- ``duplicates`` is a folder: copies within the collection.
"""
