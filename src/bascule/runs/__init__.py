"""Runs: what ran on what, what came of it, and whether it comes again."""
