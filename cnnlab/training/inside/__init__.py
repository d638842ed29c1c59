"""What a net makes of pictures before its last layer: features, units, feature maps, filters."""
