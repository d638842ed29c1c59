"""Who comes in by name: signing in and out, sessions, an OIDC server's word, a proxy's header."""
