"""Shapes of charts without words or colours: worked out once, drawn by the map and by the report alike."""
