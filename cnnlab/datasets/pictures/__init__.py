"""From untrusted bytes to 8-bit pictures and the arrays that training reads."""
