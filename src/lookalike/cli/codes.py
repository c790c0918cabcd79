"""Exit codes: what the end of a command means to a shell."""

REJECTED = 1  # finished, but some inputs could not be used; compare: the pictures differ
USAGE = 2
NOT_FOUND = 3
DAMAGED = 4
INTERRUPTED = 130  # what shells report for a process stopped by Ctrl-C
