from pathlib import Path

from setuptools import find_packages, setup

PACKAGE = "adapt_ros"
NODES = sorted(file.stem for file in Path(PACKAGE, "nodes").glob("[!_]*.py"))

setup(
    name=PACKAGE,
    version="0.1.0",
    description="Thin ROS 2 nodes around the library",
    license="Apache-2.0",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    zip_safe=False,
    entry_points={"console_scripts": [f"{node} = {PACKAGE}.nodes.{node}:main" for node in NODES]},
)
