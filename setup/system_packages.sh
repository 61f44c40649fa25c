# What pip cannot bring: a compiler, a software OpenGL renderer, and venv and headers for the distribution's own Python.
# shellcheck shell=bash

wanted_system_packages() {
    echo g++ make libosmesa6
    case $(readlink -f "$(command -v "$PYTHON")") in
    /usr/bin/*) echo "python$PYTHON_VERSION-venv" "python$PYTHON_VERSION-dev" ;;
    esac
}

missing_system_packages() {
    local package
    for package in $(wanted_system_packages); do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || printf '%s ' "$package"
    done
}

apt_install() {
    local sudo=$1
    shift
    $sudo apt-get update
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

install_system_packages() {
    local missing sudo=
    if ! command -v dpkg-query >/dev/null; then
        echo "  This is neither Debian nor Ubuntu: make sure yourself of $(wanted_system_packages | xargs)."
        return
    fi
    missing=$(missing_system_packages)
    if [ -z "$missing" ]; then
        printf '  %-46sin place\n' "system packages"
        return
    fi
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || stop "System packages are missing. Run this, then 'make setup' again:

    sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
        sudo="sudo -n"
    fi
    # shellcheck disable=SC2086
    run_step "system packages: $missing" "apt-get failed: check the network and the package sources of this machine." \
        apt_install "$sudo" $missing
}
