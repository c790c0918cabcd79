"""Exit codes: what the end of a command means to a shell."""

REJECTED = 1  # finished, but some inputs could not be used; compare: the pictures differ
USAGE = 2
NOT_FOUND = 3
DAMAGED = 4
UNABLE = 5  # nothing is wrong with what was asked: disk full, not permitted, too many open files, busy
REPORTED = 6  # check: a bank reports one of the pictures
INTERRUPTED = 130  # what shells report for a process stopped by Ctrl-C
READER_GONE = (
    141  # what they report where the reader of a pipe went away, as in "lookalike search … | head -1"
)
