"""Options, each declared once: of them command line, YAML, local page and Python signatures are made."""
