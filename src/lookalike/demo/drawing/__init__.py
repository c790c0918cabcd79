"""What every picture is made with: canvas, colours, palettes, noise, lettering."""
