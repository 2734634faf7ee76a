"""Pages in HTML that hold all they show: one file, which opens without a network."""
