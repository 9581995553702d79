"""Serving: answers from registered versions."""
