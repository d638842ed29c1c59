"""What programs read that watch the app: health and numbers; and when garbage is looked for."""
