"""The explorer behind `gk.widgets.explore`: what it shows, and its box of sliders."""
