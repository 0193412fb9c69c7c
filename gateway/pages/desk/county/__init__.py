"""`/desk/county/…`: what the county desk keeps of its county; a module a noun."""
