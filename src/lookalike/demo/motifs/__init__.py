"""What can be drawn: one family of pictures a module."""
