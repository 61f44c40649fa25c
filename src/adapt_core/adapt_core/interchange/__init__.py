"""Episodes in other tools' formats: LeRobot datasets and ROS 2 bags. Wants the optional dependencies `interchange`."""
