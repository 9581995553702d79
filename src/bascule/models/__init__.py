"""Adapters that make a Model of what other libraries learn, keep it on disk and export it."""
