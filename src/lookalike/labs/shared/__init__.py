"""What several labs need: results, pictures and how they are read, embeddings, hashes, drawings, progress."""
