"""Pictures to try the search on, and the page that shows what it found."""
