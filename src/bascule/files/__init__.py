"""Files of rows, read as a Record says: Parquet, CSV and Arrow, part by part, whatever their size."""
