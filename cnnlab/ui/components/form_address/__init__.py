"""The form's address: kept in the browser's, and copied as a link."""
