"""SQL of the shared tables, letters and links."""
