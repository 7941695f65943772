"""The ground floor: errors, array types, languages, files, progress, the choice of engine."""
