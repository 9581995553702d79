"""The registry: immutable versions of models, packed, signed, and read back only whole."""
