"""The bar at the foot of a phone: the main pages, and the others behind 'More'."""
