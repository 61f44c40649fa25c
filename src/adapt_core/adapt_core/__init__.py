"""Types, ports, episode store, safety checks and the loop of `adapt`: no ROS, no PyTorch, no simulator."""
