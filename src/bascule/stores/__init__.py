"""Where bytes rest: rows in a database, blobs in a folder or an object store."""
