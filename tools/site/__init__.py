"""The manual: pages of docs/, catalogue, API and pictures, made into one site."""
