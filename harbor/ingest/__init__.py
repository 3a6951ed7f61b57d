"""The write path: signature, decoding, verdict, group commit, publishing."""
