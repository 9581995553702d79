"""Release: what may serve, what serves, and the way back."""
