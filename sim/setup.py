from setuptools import find_packages, setup

PACKAGE = "adapt_sim"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="Simulated worlds",
    license="Apache-2.0",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    package_data={PACKAGE: ["assets/**/*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    zip_safe=False,
)
