/* Matrix products: c = start + a b, in blocks that fill the vector registers.

   NumPy's twin: functions/maps.py (affine). Every entry of c is summed over k = 0, 1, ... in this
   order, however rows are divided, so results do not depend on the number of threads. */

#if LEVEL == 4 /* 32 registers of 16 floats */
enum { TILE_ROWS = 4, TILE_LANES = 4 };
#elif LEVEL == 3 /* 16 registers of 8 floats */
enum { TILE_ROWS = 6, TILE_LANES = 1 };
#elif LEVEL == 2 /* 16 registers of 4 floats */
enum { TILE_ROWS = 3, TILE_LANES = 1 };
#else /* NEON: 32 registers of 4 floats */
enum { TILE_ROWS = 6, TILE_LANES = 1 };
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

INLINE void strip(const int wide, int64_t m, Matrix c, Matrix start, Matrix a, Matrix b,
                  int64_t depth) {
    int64_t i = 0;
    for (; i + TILE_ROWS <= m; i += TILE_ROWS) {
        tile(TILE_ROWS, wide, c, start, a, b, depth);
        c.entries += TILE_ROWS * c.row;
        start.entries += TILE_ROWS * start.row;
        a.entries += TILE_ROWS * a.row;
    }
    for (; i < m; i++) {
        tile(1, wide, c, start, a, b, depth);
        c.entries += c.row;
        start.entries += start.row;
        a.entries += a.row;
    }
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

enum { SIDE = 16 }; /* of a square that is transposed at once; it stays in the first-level cache */

/* Copy rows first to last of W (n_in, n_out) into columns of its transpose. */
static void transpose(const Layer *layer, int64_t first, int64_t last) {
    const int64_t row_in = layer->row_in, row_out = layer->row_out;
    for (int64_t i0 = first; i0 < last; i0 += SIDE)
        for (int64_t j0 = 0; j0 < layer->n_out; j0 += SIDE) {
            int64_t i1 = i0 + SIDE < last ? i0 + SIDE : last;
            int64_t j1 = j0 + SIDE < layer->n_out ? j0 + SIDE : layer->n_out;
            for (int64_t j = j0; j < j1; j++)
                for (int64_t i = i0; i < i1; i++)
                    layer->transposed[j * row_in + i] = layer->weights[i * row_out + j];
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
