# `source activate.sh` puts this repository's Python, ROS and packages on the environment of a bash shell.
# shellcheck shell=bash

_adapt_activate() {
    local root ros_libraries -
    set +eu # the scripts sourced here know neither; the caller's options come back on return
    root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    if [ ! -x "$root/.venv/bin/python" ]; then
        echo "adapt is not set up yet: run 'make setup' in $root" >&2
        return 1
    fi

    export PYTHONNOUSERSITE=1
    # shellcheck source=/dev/null
    VIRTUAL_ENV_DISABLE_PROMPT=${VIRTUAL_ENV_DISABLE_PROMPT:-} . "$root/.venv/bin/activate"
    export COLCON_DEFAULTS_FILE="$root/setup/colcon_defaults.yaml"

    if [ -d "$root/.venv/share/rclpy" ]; then # ROS came as wheels
        export ROS_DISTRO=jazzy ROS_VERSION=2 ROS_PYTHON_VERSION=3
        export AMENT_PREFIX_PATH="$root/.venv" CMAKE_PREFIX_PATH="$root/.venv"
        ros_libraries=$(printf '%s:' "$root/.venv/lib" "$root"/.venv/lib/python3*/site-packages/ros_*.libs)
        export LD_LIBRARY_PATH="$ros_libraries${_ADAPT_LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-}}"
        export _ADAPT_LD_LIBRARY_PATH
        # The paths are set, so the wheels need not start every Python twice to set them.
        export _ROS_WHEELS_BOOTSTRAP_COMPLETE=1
    fi
    if [ -f "$root/install/local_setup.bash" ]; then
        # shellcheck source=/dev/null
        . "$root/install/local_setup.bash"
    fi

    export ROS_AUTOMATIC_DISCOVERY_RANGE="${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}"
    if [ -z "${MUJOCO_GL:-}" ] && [ -z "${DISPLAY:-}" ]; then
        if [ -e /dev/nvidiactl ] && ldconfig -p 2>/dev/null | grep -q libEGL_nvidia; then
            export MUJOCO_GL=egl
        else
            export MUJOCO_GL=osmesa
        fi
    fi
}

_adapt_activate
