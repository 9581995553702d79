"""Data versioned like code: read, described, checked against a record, committed, shown, read back."""
