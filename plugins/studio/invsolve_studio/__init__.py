"""invsolve in a browser, on this machine: `invsolve studio`."""
