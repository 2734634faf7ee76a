"""The network that sees a sharp picture and its motion in a blurred photograph."""
