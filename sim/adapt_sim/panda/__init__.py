"""A Franka Panda in MuJoCo: the arm behind its drivers' interfaces, two table-top scenes, and demonstrations."""
