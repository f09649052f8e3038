"""Measures detection in the open: labelled documents, precision, recall and F1 at three levels. See README.md."""
