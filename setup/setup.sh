#!/usr/bin/env bash
# `make setup`: from a bare Debian 12 or Ubuntu 24.04 to a tested environment. Run it as often as you like: what is in
# place stays. The order of the steps is here, how each is done in the files beside.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PATH=${PATH//"$PWD/.venv/bin:"/} # when run from an activated shell
unset VIRTUAL_ENV
export PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
mkdir -p log
touch log/COLCON_IGNORE
SETUP_LOG=$PWD/log/setup.log
exec 9>log/setup.lock
flock 9 # one set-up at a time
: >"$SETUP_LOG"

for part in steps system_packages python_packages workspace; do
    # shellcheck source=/dev/null
    . "setup/$part.sh"
done

ROS_IS_SOURCED= ROS_WHEELS=yes
if ros_is_sourced; then ROS_IS_SOURCED=yes ROS_WHEELS=; fi
find_python
echo "Setting up adapt with $("$PYTHON" --version), ROS 2 Jazzy from ${ROS_WHEELS:+wheels}${ROS_IS_SOURCED:+this machine}:"

install_system_packages

environment="$PYTHON_VERSION ros_wheels=$ROS_WHEELS"
packages="$environment $(digest constraints.txt pyproject.toml)"
run_step_once environment "$environment" "virtual environment .venv" "$PIP_HINT" create_venv
run_step_once torch "$environment $(grep '^torch==' constraints.txt)" "PyTorch" "$PIP_HINT" install_torch
run_step_once packages "$packages" "Python packages" "$PIP_HINT" install_python_packages
if [ -n "$ROS_WHEELS" ]; then
    run_step_once ros_wheels "$packages" "ROS wheels: paths" "Remove .venv and run 'make setup' again." prepare_ros_wheels
fi
run_step_once workspace "$environment $(workspace_key)" "colcon build" \
    "If packages were renamed or moved, run 'make clean' and 'make setup' again." build_workspace

echo "Ready. In each new shell: source activate.sh"
