"""The operator's panel: pure Qt widgets over models, and their link to a graph. Qt only through `python_qt_binding`."""
