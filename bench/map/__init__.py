"""The map page: its weight, how soon it shows the fleet, and what drawing costs."""
