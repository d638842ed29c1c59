"""The supervisor: queue, devices and the life of workers."""
