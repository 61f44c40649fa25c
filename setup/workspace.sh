# The colcon workspace: interfaces are generated, packages are linked into install/.
# shellcheck shell=bash

# What a build depends on; modules, launch files and configuration are linked and need no build.
workspace_inputs() {
    find src sim launch config -type f \( -path '*/adapt_interfaces/*' -o -name CMakeLists.txt -o -name package.xml \
        -o -name 'setup.*' \) | sort
    echo colcon.meta
}

workspace_key() {
    # shellcheck disable=SC2046
    { digest $(workspace_inputs); find src/adapt_ros/adapt_ros/nodes launch config -type f -not -name '*.pyc' | sort; } | sha256sum | cut -c1-16
}

prepare_ros_wheels() {
    .venv/bin/python setup/relocate_ros_wheels.py
    touch .venv/local_setup.sh # colcon looks for it in every folder of AMENT_PREFIX_PATH
}

build_workspace() {
    # shellcheck source=/dev/null
    . ./activate.sh
    colcon build
}
