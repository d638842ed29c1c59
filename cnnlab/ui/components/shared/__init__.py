"""What all components begin with, and what their modules share."""
