# The robot PC: ROS 2 Jazzy, MoveIt, franka_ros2, Cyclone DDS, and adapt without a GPU. Build from the repository's root:
#   docker build --file docker/robot.Dockerfile --tag adapt-robot .
FROM ros:jazzy-ros-base
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        git make ros-jazzy-moveit ros-jazzy-control-msgs ros-jazzy-rmw-cyclonedds-cpp ros-jazzy-rqt-gui-py \
    && rm -rf /var/lib/apt/lists/*

# A release of franka_ros2 and what its own list names. An older Panda needs none of it: see README.md.
ARG FRANKA_ROS2=v3.5.2
WORKDIR /franka
RUN git clone --depth 1 --branch "$FRANKA_ROS2" https://github.com/frankarobotics/franka_ros2.git src \
    && vcs import src < src/dependency.repos --recursive --skip-existing \
    && apt-get update \
    && rosdep update --rosdistro jazzy \
    && rosdep install --from-paths src --ignore-src --rosdistro jazzy --default-yes \
    && source /opt/ros/jazzy/setup.bash \
    && colcon build --cmake-args -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
    && rm -rf build log /var/lib/apt/lists/*

WORKDIR /adapt
COPY . .
RUN source /opt/ros/jazzy/setup.bash && ADAPT_TORCH=cpu make setup
ENV RMW_IMPLEMENTATION=rmw_cyclonedds_cpp CYCLONEDDS_URI=file:///adapt/docker/cyclonedds.xml
ENTRYPOINT ["/adapt/docker/entrypoint.sh"]
CMD ["adapt", "doctor"]
