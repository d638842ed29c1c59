"""Inside a net and on its way there: pictures through the epochs, images as points, units."""
