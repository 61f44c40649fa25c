"""One node a file: the name of the file is the executable and the node."""
