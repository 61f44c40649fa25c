#!/usr/bin/env bash
# ROS, the arm's driver where the image has one, then adapt; then the command.
set -e
for setup in /opt/ros/jazzy/setup.bash /franka/install/local_setup.bash /adapt/activate.sh; do
    # shellcheck source=/dev/null
    [ ! -f "$setup" ] || . "$setup"
done
exec "$@"
