"""Machines: what trains where, all that waits, and whether every machine is fit; for admins."""

from cnnlab.ui.machines.page import render_machines

render_machines()
