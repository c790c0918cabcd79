"""The demo: a drawn gallery, a tour of searches with altered copies, and a page that shows what was found."""
