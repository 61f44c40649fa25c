"""MoveIt 2 as the one who finds an arm's motion: raw actions and services, never its Python bindings."""
