"""The checkup before training: a net, its data and its settings, tried on copies."""
