from setuptools import find_packages, setup

PACKAGE = "adapt_rqt"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="The operator's panel",
    license="Apache-2.0",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml", "plugin.xml"]),
    ],
    zip_safe=False,
)
