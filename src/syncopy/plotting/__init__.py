"""Figures: panels are made of the data first, matplotlib draws them then; no style is changed."""
