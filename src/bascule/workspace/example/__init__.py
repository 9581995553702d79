"""The files of a project that starts from nothing: an example to write over."""
