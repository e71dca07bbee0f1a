"""What joins the rooms: molecules assessed and run, crosslinkers ranked, tables computed, facts judged."""
