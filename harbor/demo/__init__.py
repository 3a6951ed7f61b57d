"""The demo: real servers from wheels, and simulated vessels that post to them."""
