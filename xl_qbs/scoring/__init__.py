"""Scores from counts: arrays and frames in, arrays, frames and small named results out."""
