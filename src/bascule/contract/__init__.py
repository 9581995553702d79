"""The contract: typed records, the table that satisfies one, the model over them, and all that is derived from them."""
