"""What happens to a case, a module for each who does it and a function a verb. Pure.

Each takes the case as it stands and gives a `Move`, which `complaints.store.standing.update_case`
writes. Raises `Refused` when the case or what was typed does not allow it.
"""
