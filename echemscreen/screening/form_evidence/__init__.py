"""What is known of the atoms of a form, of its site, and of a complex, beside what is computed."""
