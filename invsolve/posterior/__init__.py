"""What can be read from samples of a posterior: intervals, modes, and one direction of time for all."""
