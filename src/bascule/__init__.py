"""bascule: a typed bridge that carries a model from a notebook to production and back."""
