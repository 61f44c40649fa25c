from setuptools import find_packages, setup

PACKAGE = "adapt_learning"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="Video planning and inverse dynamics in PyTorch, and how they improve from experience",
    license="Apache-2.0",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    package_data={PACKAGE: ["weights/**/*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    zip_safe=False,
)
