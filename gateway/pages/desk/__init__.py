"""Pages of signed-in staff, below `/desk/`; who may see which stands in `gateway.desk.access`."""
