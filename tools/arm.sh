#!/usr/bin/env bash
# Run tests on an emulated 64-bit ARM processor, in the wheel that tools/wheels.py builds for it.
#
#     tools/arm.sh FOLDER [pytest arguments; by default the tests of the kernels]
#
# Needs Debian or Ubuntu on another processor, and the development environment. Nothing is installed
# on the system: QEMU and an ARM Python are unpacked in FOLDER, where a second call finds them.
set -euo pipefail
[ $# -gt 0 ] || { sed -n '2,7s/^# \?//p' "$0"; exit 2; }
repository=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
shift

unpack() { # unpack FOLDER ARCHITECTURE PACKAGE...: fetch Debian packages and unpack them there
    local folder=$1 architecture=$2 debs=$work/packages/$2
    shift 2
    mkdir -p "$folder" "$debs"/{lists/partial,archives/partial}
    touch "$debs/status"
    local options=(
        -qq -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture"
        -o "Dir::State=$debs" -o "Dir::State::status=$debs/status" -o "Dir::Cache=$debs"
        -o APT::Sandbox::User=root
    )
    apt-get "${options[@]}" update
    (cd "$debs" && apt-get "${options[@]}" download "$@")
    for deb in "$debs"/*.deb; do dpkg -x "$deb" "$folder"; done
}

if [ ! -e "$work/ready" ]; then
    echo "unpacking QEMU and an ARM Python in $work"
    unpack "$work/host" "$(dpkg --print-architecture)" qemu-user libcapstone4 liburing2
    unpack "$work/arm" arm64 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib \
        libc6 libexpat1 zlib1g libssl3 libffi8 libgcc-s1 libstdc++6 libbz2-1.0 liblzma5 \
        libuuid1 libsqlite3-0
    touch "$work/ready"
fi

rm -rf "$work/dist" "$work/site"
python "$repository/tools/wheels.py" linux-aarch64 --output "$work/dist"
pip install --quiet --target "$work/site" --only-binary :all: --python-version 3.11 \
    --platform manylinux_2_17_aarch64 --platform manylinux_2_28_aarch64 \
    "$work"/dist/*.whl pytest pytest-xdist hypothesis jaxtyping beartype

host_libraries=$(dirname "$(find "$work/host/usr/lib" -name 'libcapstone.so.*' | head -1)")
arm() { # arm ARGUMENT...: the ARM Python
    LD_LIBRARY_PATH=$host_libraries "$work/host/usr/bin/qemu-aarch64" -L "$work/arm" \
        -E "LD_LIBRARY_PATH=$work/arm/usr/lib/aarch64-linux-gnu" -E "PYTHONPATH=$work/site" \
        "$work/arm/usr/bin/python3.11" "$@"
}
arm -c 'import platform; from mitbadak.native import library
print(platform.machine(), "levels", library.levels(), library.why_not())
raise SystemExit(library.kernels() is None)'
# Compiling under emulation would take minutes.
[ $# -gt 0 ] || set -- tests/native --ignore tests/native/test_library.py
cd "$repository"
# Under emulation NumPy's matrix product warns of floating-point exceptions that it did not have.
arm -m pytest -q -n 0 -p no:cacheprovider -W "ignore:.*encountered in matmul:RuntimeWarning" "$@"
