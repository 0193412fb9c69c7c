"""The only package that knows HTTP, HTML, SMTP, files, the environment and the clock."""
