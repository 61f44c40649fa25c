"""Do the machines of a graph agree, before a robot moves? Facts are gathered over ROS and judged without it."""
