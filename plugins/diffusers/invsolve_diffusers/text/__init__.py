"""Text conditions: encoding prompts, and embeddings as files."""
