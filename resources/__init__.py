"""What the place can give: sun, wind and water, the devices that take them, and what they cost."""
