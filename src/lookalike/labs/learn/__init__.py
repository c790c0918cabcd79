"""Making embedders: the network, and its way into an ONNX file."""
