"""Maps of pictures: embeddings laid out in the plane, drawn, made a page, and measured."""
