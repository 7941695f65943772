/* Matrix products: c = start + a b, in blocks that fill the vector registers.

   NumPy's twin: functions/maps.py (affine). Every entry of c is summed over k = 0, 1, ... in this
   order, however rows are divided, so results do not depend on the number of threads. */

#if LEVEL == 4 /* 32 registers of 16 floats */
enum { TILE_ROWS = 4, TILE_LANES = 4, TALL_ROWS = 8 };
#elif LEVEL == 3 /* 16 registers of 8 floats */
enum { TILE_ROWS = 6, TILE_LANES = 1, TALL_ROWS = TILE_ROWS };
#elif LEVEL == 2 /* 16 registers of 4 floats */
enum { TILE_ROWS = 3, TILE_LANES = 1, TALL_ROWS = TILE_ROWS };
#else /* NEON: 32 registers of 4 floats */
enum { TILE_ROWS = 6, TILE_LANES = 1, TALL_ROWS = TILE_ROWS };
#endif

/* A matrix with any distance between its rows and between its columns, in floats. */
typedef struct {
    float *entries;
    int64_t row;
    int64_t column;
} Matrix;

INLINE Matrix rows_of(const float *entries, int64_t row) {
    return (Matrix){(float *)entries, row, 1};
}

INLINE void tile(const int rows, const int wide, Matrix c, Matrix start, Matrix a, Matrix b,
                 int64_t depth) {
    lanes sums[TILE_ROWS * TILE_LANES];
    UNROLL
    for (int i = 0; i < rows; i++)
        UNROLL
        for (int w = 0; w < wide; w++)
            sums[i * wide + w] = load(start.entries + i * start.row + w * LANES);
    for (int64_t k = 0; k < depth; k++) {
        lanes line[TILE_LANES];
        UNROLL
        for (int w = 0; w < wide; w++) line[w] = load(b.entries + k * b.row + w * LANES);
        UNROLL
        for (int i = 0; i < rows; i++) {
            float x = a.entries[i * a.row + k * a.column];
            UNROLL
            for (int w = 0; w < wide; w++) sums[i * wide + w] += x * line[w];
        }
    }
    UNROLL
    for (int i = 0; i < rows; i++)
        UNROLL
        for (int w = 0; w < wide; w++)
            store(c.entries + i * c.row + w * LANES, sums[i * wide + w]);
}

/* As many tiles of so many rows as fit into the m rows that are left. */
INLINE void tiles(const int rows, const int wide, int64_t *m, Matrix *c, Matrix *start, Matrix *a,
                  Matrix b, int64_t depth) {
    for (; *m >= rows; *m -= rows) {
        tile(rows, wide, *c, *start, *a, b, depth);
        c->entries += rows * c->row;
        start->entries += rows * start->row;
        a->entries += rows * a->row;
    }
}

/* Columns of c; a narrow strip has taller tiles, so that as many sums are taken at once. */
INLINE void strip(const int wide, int64_t m, Matrix c, Matrix start, Matrix a, Matrix b,
                  int64_t depth) {
    if (wide == 1 && TALL_ROWS > TILE_ROWS) tiles(TALL_ROWS, wide, &m, &c, &start, &a, b, depth);
    tiles(TILE_ROWS, wide, &m, &c, &start, &a, b, depth);
    tiles(1, wide, &m, &c, &start, &a, b, depth);
}

/* The same by copies of b's columns, one panel of rows after the other: rows of b that lie 4 KB apart
   fall into the same lines of a cache and displace each other while every tile reads them again. */
INLINE void packed_strip(const int wide, int64_t m, Matrix c, Matrix start, Matrix a, Matrix b,
                         int64_t depth, float *panel) {
    const int64_t row = wide * LANES;
    for (int64_t done = 0; done < depth; done += PANEL_ROWS) {
        int64_t rows = depth - done < PANEL_ROWS ? depth - done : PANEL_ROWS;
        for (int64_t k = 0; k < rows; k++)
            UNROLL
            for (int w = 0; w < wide; w++)
                store(panel + k * row + w * LANES, load(b.entries + (done + k) * b.row + w * LANES));
        strip(wide, m, c, start, a, rows_of(panel, row), rows);
        a.entries += rows * a.column;
        start = c;
    }
}

INLINE void columns(const int wide, float *panel, int64_t m, Matrix c, Matrix start, Matrix a,
                    Matrix b, int64_t depth) {
    if (panel) packed_strip(wide, m, c, start, a, b, depth, panel);
    else strip(wide, m, c, start, a, b, depth);
}

/* c (m, n) = start + a (m, depth) b (depth, n), for n a multiple of LANES. `start` may be c itself,
   or a bias with a row distance of 0. `panel` is room for a copy of some of b, or NULL; copies pay
   where a has many rows, and those of b lie far apart. */
static void product(int64_t m, int64_t n, int64_t depth, Matrix c, Matrix start, Matrix a, Matrix b,
                    float *panel) {
    if (m < 4 * TILE_ROWS || n <= PANEL_COLUMNS || depth == 0) panel = NULL;
    for (int64_t j = 0; j < n;) {
        int64_t left = (n - j) / LANES;
#if LEVEL == 4
        if (left >= 4) {
            columns(4, panel, m, c, start, a, b, depth);
            left = 4;
        } else if (left >= 2) {
            columns(2, panel, m, c, start, a, b, depth);
            left = 2;
        } else
#endif
        {
            columns(1, panel, m, c, start, a, b, depth);
            left = 1;
        }
        j += left * LANES;
        c.entries += left * LANES;
        start.entries += left * LANES;
        b.entries += left * LANES;
    }
}

/* A square of LANES x LANES floats is transposed by exchanging squares beside its diagonal: first of
   8 x 8 floats, then within those of 4 x 4, 2 x 2 and 1. */
#define FROM(l, side) ((l) & (side) ? LANES + (l) - (side) : (l))
#define TO(l, side) ((l) & (side) ? LANES + (l) : (l) + (side))
#define EXCHANGE(square, side)                                                                    \
    UNROLL                                                                                        \
    for (int i = 0; i < LANES; i++)                                                               \
        if (!(i & (side))) {                                                                      \
            lanes a = square[i], b = square[i + (side)];                                          \
            square[i] = SHUFFLED(a, b, FROM, side);                                                 \
            square[i + (side)] = SHUFFLED(a, b, TO, side);                                          \
        }

INLINE void turn_square(lanes square[LANES]) {
    EXCHANGE(square, 8)
    EXCHANGE(square, 4)
    EXCHANGE(square, 2)
    EXCHANGE(square, 1)
}

INLINE void transpose_square(const float *from, int64_t from_row, float *to, int64_t to_row,
                             int64_t rows, int64_t columns) {
    lanes square[LANES];
    for (int i = 0; i < LANES; i++) square[i] = i < rows ? load(from + i * from_row) : all(0);
    turn_square(square);
    for (int j = 0; j < columns; j++) store(to + j * to_row, square[j]);
}

/* Copy rows first to last of W (n_in, n_out) into columns of its transpose. Squares that hold rows of
   other parts besides are copied entry by entry. */
static void transpose(const Layer *layer, int64_t first, int64_t last) {
    const int64_t row_in = layer->row_in, row_out = layer->row_out;
    for (int64_t i0 = first; i0 < last;) {
        const int64_t next = i0 / LANES * LANES + LANES, i1 = next < last ? next : last;
        const int whole = i0 % LANES == 0 && (i1 == next || i1 == layer->n_in);
        for (int64_t j0 = 0; j0 < layer->n_out; j0 += LANES) {
            const int64_t columns = layer->n_out - j0 < LANES ? layer->n_out - j0 : LANES;
            const float *from = layer->weights + i0 * row_out + j0;
            float *to = layer->transposed + j0 * row_in + i0;
            if (whole) {
                transpose_square(from, row_out, to, row_in, i1 - i0, columns);
                continue;
            }
            for (int64_t j = 0; j < columns; j++)
                for (int64_t i = 0; i < i1 - i0; i++) to[j * row_in + i] = from[i * row_out + j];
        }
        i0 = i1;
    }
}

/* Add rows of d to a sum, row after row. */
static void sum_rows(const float *d, int64_t rows, int64_t row, float *sum) {
    for (int64_t j = 0; j < row; j += LANES) {
        lanes total = load(sum + j);
        for (int64_t i = 0; i < rows; i++) total += load(d + i * row + j);
        store(sum + j, total);
    }
}
