"""Point the CMake files of the ROS wheels at this interpreter: they name the folders of the machine that built them."""

import re
import sys
import sysconfig
from pathlib import Path

BUILDER = r"/opt/python/cp\d+-cp\d+"


def relocate(share: Path) -> int:
    include, packages = sysconfig.get_path("include"), sysconfig.get_path("purelib")
    changed = 0
    for file in share.glob("*/cmake/*.cmake"):
        before = file.read_text()
        after = re.sub(rf"{BUILDER}/include/python\d\.\d+", include, before)
        after = re.sub(rf"{BUILDER}/lib/python\d\.\d+/site-packages", packages, after)
        if after != before:
            file.write_text(after)
            changed += 1
    return changed


if __name__ == "__main__":
    print(f"{relocate(Path(sys.prefix, 'share'))} CMake files relocated")
