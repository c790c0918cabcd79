"""Benchmarks: programs that measure side by side in one run, print ratios and write a result file."""
