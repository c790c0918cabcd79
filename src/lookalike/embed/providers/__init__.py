"""Embedders of other packages, as plug-ins that this package registers itself: timm, open_clip, MobileNetV2,
SSCD.

A provider is imported when one of its names is asked for, and a network package when a model is loaded.
"""
