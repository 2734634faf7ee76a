"""Training an autoencoder of frames."""
