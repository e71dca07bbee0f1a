"""Results as tables: CSV, Parquet, workbook, terminal."""
