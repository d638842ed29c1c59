"""What is sent as it comes: a run while it trains, a study's story while it grows."""
