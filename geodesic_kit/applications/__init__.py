"""What distances and geodesics are used for; each application is a room of its own."""
