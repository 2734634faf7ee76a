"""Pictures of results: whatever draws."""
