"""Motion whose direction in time is open: lines, paths along them, their signs, and warps."""
