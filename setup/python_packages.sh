# The virtual environment and what pip puts into it.
# shellcheck shell=bash

PIP_HINT="pip could not install something. If it found no version at all of a package, or the lines above speak of connections,
it does not reach its package index: check the network, or set PIP_INDEX_URL or PIP_FIND_LINKS. Then run 'make setup' again."

# ROS is taken from the machine where a Jazzy is sourced, else from wheels.
ros_is_sourced() {
    [ "${ROS_DISTRO:-}" = jazzy ] && [ -z "${_ROS_WHEELS_BOOTSTRAP_COMPLETE:-}" ] && /usr/bin/python3 -c 'import rclpy' 2>/dev/null
}

find_python() {
    local candidate candidates=${PYTHON:-${ROS_IS_SOURCED:+/usr/bin/python3}}
    for candidate in ${candidates:-python3 python3.12 python3.11}; do
        PYTHON_VERSION=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        case $PYTHON_VERSION in 3.11 | 3.12) PYTHON=$candidate && return ;; esac
    done
    stop "adapt needs CPython 3.11 or 3.12; this is neither: ${candidates:-python3}. Install one (apt-get install python3),
or name one: make setup PYTHON=/path/to/python3.12"
}

create_venv() {
    rm -rf .venv
    "$PYTHON" -m venv ${ROS_IS_SOURCED:+--system-site-packages} .venv
    touch .venv/COLCON_IGNORE
    .venv/bin/python -m pip install --upgrade pip -c constraints.txt
}

# There is a GPU here, or, in ADAPT_TORCH=cuda or cpu, somebody says what there will be.
wants_cuda() {
    case ${ADAPT_TORCH:-} in
    cuda) return 0 ;;
    cpu) return 1 ;;
    *) nvidia-smi -L 2>/dev/null | grep -q GPU ;;
    esac
}

# A CPU build of PyTorch is a tenth of the size: taken unless there is a GPU, from pip's own sources or PyTorch's.
install_torch() {
    local version
    version=$(sed -n 's/^torch==//p' constraints.txt)
    if wants_cuda; then
        .venv/bin/pip install -c constraints.txt "torch==$version"
    else
        .venv/bin/pip install -c constraints.txt "torch==$version+cpu" ||
            .venv/bin/pip install -c constraints.txt "torch==$version+cpu" --extra-index-url https://download.pytorch.org/whl/cpu ||
            .venv/bin/pip install -c constraints.txt "torch==$version"
    fi
}

install_python_packages() {
    .venv/bin/pip install -c constraints.txt -e ".[interchange,dev,colcon${ROS_WHEELS:+,panel,ros}]"
}
