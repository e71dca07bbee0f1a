"""Where rows are worked on: pools of processes, clusters, limits, progress."""
