"""Tools of all motifs: the canvas, colours, palettes, noise, and the scenery that several share."""
