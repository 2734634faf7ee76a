"""Classes of deepinv by their names, with arguments as recipes write them."""
