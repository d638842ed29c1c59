"""What runs are worth where they are judged, and what was measured of them beside their curves."""
