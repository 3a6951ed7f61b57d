"""The feed side by side with a bare broadcaster in C and with nchan, one server core each."""
