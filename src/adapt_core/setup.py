from setuptools import find_packages, setup

PACKAGE = "adapt_core"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="What every room shares: types, ports, robots, tasks, episodes and safety checks",
    license="Apache-2.0",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    package_data={PACKAGE: ["config_data/**/*.yaml", "interchange/messages/*.msg"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    zip_safe=False,
)
