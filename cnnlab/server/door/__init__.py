"""Who may come in: names, pages of other sites, the token, and how long a request may take."""
