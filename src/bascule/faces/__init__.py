"""The faces of the verbs: command line, and whatever else is derived from the same signatures."""
