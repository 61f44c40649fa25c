# The GPU box: imagines, infers, trains. Needs the NVIDIA Container Toolkit on the host. Build from the repository's root:
#   docker build --file docker/gpu.Dockerfile --tag adapt-gpu .
FROM ros:jazzy-ros-base
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make ros-jazzy-control-msgs ros-jazzy-rmw-cyclonedds-cpp \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /adapt
COPY . .
RUN source /opt/ros/jazzy/setup.bash && ADAPT_TORCH=cuda make setup
ENV RMW_IMPLEMENTATION=rmw_cyclonedds_cpp CYCLONEDDS_URI=file:///adapt/docker/cyclonedds.xml
ENTRYPOINT ["/adapt/docker/entrypoint.sh"]
CMD ["adapt", "doctor"]
