"""What stands around the clients: processes, the simulator's log, and the table. It must not know any SDK."""
