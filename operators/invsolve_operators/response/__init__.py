"""Parts of camera responses: measured curves and saturation."""
