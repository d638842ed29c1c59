"""What a user can do with studies, and what is known of them."""
