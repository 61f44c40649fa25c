"""Images a second from publisher to subscriber: our conversion against bytes without checks, and against lists."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from adapt_core.types import Image

SIZE = 128
MESSAGES, ROUNDS = 100, 5  # they take turns, so that other load on the machine meets all


def rows() -> list[dict[str, Any]]:
    """The benchmark's rows: name, unit, ours, baseline and their ratio."""
    from adapt_ros import convert

    rates: dict[str, list[float]] = {"ours": [], "bytes": [], "lists": []}
    for _ in range(ROUNDS):
        rates["ours"].append(_messages_per_second(convert.to_image, convert.from_image))
        rates["bytes"].append(_messages_per_second(_to_image_by_bytes, _from_image_by_bytes))
        rates["lists"].append(_messages_per_second(_to_image_by_list, _from_image_by_list))
    median = {name: statistics.median(values) for name, values in rates.items()}
    return [
        _row("message_rates", median["ours"], median["bytes"]),
        _row("message_rates_lists", median["ours"], median["lists"]),
    ]


def _row(name: str, ours: float, baseline: float) -> dict[str, Any]:
    return {"name": name, "unit": "images/s", "ours": ours, "baseline": baseline, "ratio": ours / baseline}


def _message(image: Image, data: Any) -> Any:
    from sensor_msgs.msg import Image as ImageMsg

    message = ImageMsg(height=image.shape[0], width=image.shape[1], step=3 * image.shape[1], encoding="rgb8")
    message.data = data
    return message


def _to_image_by_bytes(image: Image) -> Any:
    return _message(image, image.tobytes())


def _from_image_by_bytes(message: Any) -> Image:
    return np.frombuffer(bytes(message.data), np.uint8).reshape(message.height, message.width, 3)


def _to_image_by_list(image: Image) -> Any:
    return _message(image, image.ravel().tolist())


def _from_image_by_list(message: Any) -> Image:
    return np.array(message.data.tolist(), np.uint8).reshape(message.height, message.width, 3)


def _messages_per_second(to_image: Callable[[Image], Any], from_image: Callable[[Any], Image]) -> float:
    """One image after another through DDS within this process, each sent when the one before has arrived."""
    import rclpy
    from rclpy.executors import SingleThreadedExecutor
    from sensor_msgs.msg import Image as ImageMsg

    context = rclpy.Context()
    rclpy.init(args=[], context=context, signal_handler_options=rclpy.SignalHandlerOptions.NO)
    node = rclpy.create_node("bench", context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    image = np.random.default_rng(0).integers(0, 255, (SIZE, SIZE, 3), np.uint8)  # (h, w, 3)
    received: list[Image] = []
    node.create_subscription(ImageMsg, "bench/image", lambda message: received.append(from_image(message)), 10)
    publisher = node.create_publisher(ImageMsg, "bench/image", 10)

    def send(count: int) -> None:
        for _ in range(count):
            before = len(received)
            publisher.publish(to_image(image))
            while len(received) == before:
                executor.spin_once(timeout_sec=1.0)

    try:
        while not publisher.get_subscription_count():
            executor.spin_once(timeout_sec=0.1)
        send(1)
        start = time.perf_counter()
        send(MESSAGES)
        elapsed_s = time.perf_counter() - start
    finally:
        executor.shutdown()
        node.destroy_node()
        context.try_shutdown()
    assert np.array_equal(received[-1], image)
    return MESSAGES / elapsed_s
