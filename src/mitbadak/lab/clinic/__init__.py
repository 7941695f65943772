"""The fault clinic: trainings with one planted fault or none, and the doctor who finds it."""
