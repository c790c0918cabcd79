"""How well altered copies are recognised: a grid of edits and strengths on anyone's pictures."""
