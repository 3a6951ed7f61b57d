"""/stream: who asks and what they may see; then the fleet's audience has it."""

from harbor.stream.view import bp as bp
