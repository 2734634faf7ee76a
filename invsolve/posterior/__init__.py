"""What can be read from samples of a posterior: a verdict, intervals, modes, and one direction of time for all."""
