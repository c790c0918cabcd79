"""The same collection on many machines: Lance tables hold the rows, Ray runs what reads, searches and serves.

Nothing below this package knows that it exists, and a user of one machine never imports it: it needs the
extra ``cluster``. What the engines do already is left to them. Lance has versions, atomic commits, retries on
conflict and compaction. Ray places, watches and restarts processes, and Serve keeps replicas and HTTP.
"""
