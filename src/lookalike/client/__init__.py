"""Clients of a server: what a collection answers, asked over HTTP from another machine or process.

``operations`` says what is sent and what comes of the answers, without sending anything, and ``requests``
writes its fields. ``blocking`` and ``awaiting`` send it. Everything public is in ``lookalike``.
"""
