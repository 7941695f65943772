from mitbadak.doctor.code.reading import (
    read_code as read_code,
)
