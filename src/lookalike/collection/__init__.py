"""A collection of pictures: the facade, and the modules that it calls.

``lookalike.Collection`` is the facade. Nothing is imported here, so that a program that needs one module, as
the client, does not load the others.
"""
