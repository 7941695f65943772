from mitbadak.lab.notebook import (
    Clinic as Clinic,
    Descent as Descent,
    DrawingPad as DrawingPad,
    Graph as Graph,
    Mnist as Mnist,
    Playground as Playground,
    Runs as Runs,
)
from mitbadak.lab.playground.code import (
    experiment_data as experiment_data,
)
