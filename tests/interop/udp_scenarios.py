"""The scenarios over UDP, in the order in which they are played."""
from __future__ import annotations

import udp_streams
import udp_destinations
import udp_lives
import udp_trouble
import udp_frames
from udp import VENUES, SCENARIOS

__all__ = ["VENUES", "SCENARIOS", "udp_destinations", "udp_frames", "udp_lives", "udp_streams", "udp_trouble"]
