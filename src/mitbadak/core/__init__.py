"""What every floor stands on: errors, array types, languages, files, progress, engines."""
