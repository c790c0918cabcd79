"""What a hash tells of its picture: how well its class can be guessed, with and without the key."""
