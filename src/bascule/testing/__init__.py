"""Suites that the authors of plug-ins subclass, and faults to test against. Needs pytest."""
