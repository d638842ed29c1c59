"""The Machines page: what trains where, all that waits, whether every machine is fit."""
