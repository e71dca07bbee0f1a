"""What people look at: tables, figures, pages and reports, from typed results."""
