"""The families of published models: how to build and to call a network."""
