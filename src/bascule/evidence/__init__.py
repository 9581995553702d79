"""What happened, who did it, and what it proves: the nouns and the ledger that holds them."""
