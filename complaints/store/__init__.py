"""All SQL of complaints, a module per aggregate."""
