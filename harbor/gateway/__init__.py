"""What runs on the boat or the pier: reads instruments, keeps on disk, posts signed batches.

It needs neither a database nor a web server, and imports nothing that does.
"""
