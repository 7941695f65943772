"""``python -m mitbadak.book.start SCRIPT``: the process that ``mitbadak book`` becomes."""

from mitbadak.book import process

if __name__ == "__main__":
    process.main()
