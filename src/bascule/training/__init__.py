"""The verb `train`: candidates of a plan learn the same rows, are compared, and the best is registered."""
