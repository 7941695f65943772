/* The first layer on inputs that are mostly 0: only nonzero entries are computed with.

   forward:  out[i] = b + sum_k value_k W[column_k] over the nonzero entries of example i;
   backward: W_gradient[column] += sum value d[example] over the entries filed under a column.
   NumPy's twin: functions/maps.py (affine) on the same rows with their zeros.

   An augmentation by shifts moves columns: `moved` says where to, and n_in means "out of the
   image", where the weights are a row of zeros. */

enum { AHEAD = 8 }; /* examples between prefetching one and computing it */
enum { CACHE_LINE = 64 };

/* Entries filed under their columns, see kernels.h. Fewer bytes of them stay in the cache between
   forward and backward. */
typedef struct {
    uint32_t example;
    float value;
} Filed;

typedef uint32_t FiledByte;

_Static_assert(sizeof(Filed) == FILED_BYTES, "Python allocates FILED_BYTES for each entry");

/* The nonzero entries of one example. */
typedef struct {
    const uint16_t *columns;
    const uint8_t *bytes; /* indices into `scale`, or NULL where values are floats */
    const float *floats;
    const float *scale;
    int64_t count;
} Entries;

INLINE Entries entries_of(const Examples *data, int64_t at) {
    int64_t begin = data->starts[at];
    int are_floats = data->kind == SPARSE_FLOATS;
    return (Entries){
        data->columns + begin,
        are_floats ? NULL : (const uint8_t *)data->values + begin,
        are_floats ? (const float *)data->values + begin : NULL,
        data->scale,
        data->starts[at + 1] - begin,
    };
}

/* Batches are random, so the processor cannot foresee which rows come next. */
INLINE void prefetch_entries(const Examples *data, int64_t at) {
    int64_t begin = data->starts[at], end = data->starts[at + 1];
    int64_t size = data->kind == SPARSE_FLOATS ? 4 : 1;
    for (int64_t k = begin; k < end; k += CACHE_LINE / 2) __builtin_prefetch(data->columns + k);
    for (int64_t k = begin * size; k < end * size; k += CACHE_LINE)
        __builtin_prefetch((const char *)data->values + k);
}

/* A row of weights is taken in pieces of one register, at most 64 floats at a time; pieces that hold
   nothing but padding are left out. */
#if LEVEL == 4
enum { PIECE = 16 };
#else
enum { PIECE = 8 };
#endif
enum { STRIP = 64, MOST_PIECES = STRIP / PIECE };

typedef float piece __attribute__((vector_size(4 * PIECE)));
typedef piece unaligned_piece __attribute__((aligned(4), may_alias));

INLINE piece load_piece(const float *p) { return *(const unaligned_piece *)p; }

INLINE void store_piece(float *p, piece x) { *(unaligned_piece *)p = x; }

/* How many pieces hold the floats from j on of a row of n. */
INLINE int64_t pieces_from(int64_t j, int64_t n) {
    int64_t pieces = (n - j + PIECE - 1) / PIECE;
    return pieces < MOST_PIECES ? pieces : MOST_PIECES;
}

/* CALL(n) with n as a constant, for which the compiler keeps all sums in registers. */
#define FOR_PIECES(n, CALL)                                                                       \
    switch (n) {                                                                                  \
    case 1: CALL(1); break;                                                                       \
    case 2: CALL(2); break;                                                                       \
    case 3: CALL(3); break;                                                                       \
    case 4: CALL(4); break;                                                                       \
    WIDER(CALL)                                                                                   \
    }

#if LEVEL == 4
#define WIDER(CALL)
#else
#define WIDER(CALL)                                                                               \
    case 5: CALL(5); break;                                                                       \
    case 6: CALL(6); break;                                                                       \
    case 7: CALL(7); break;                                                                       \
    case 8: CALL(8); break;
#endif

/* out = bias + the weighted sum of table rows, in `wide` pieces. Entries are filed too if `filing`
   is set. Constant arguments select the loop at compile time. */
INLINE void sparse_row(const int wide, const int as_bytes, const int filing, Entries in,
                       const uint16_t *moved, const float *bias, const float *table, int64_t row,
                       float *out, int32_t *counts, void *files, int64_t capacity,
                       uint32_t example, int64_t outside) {
    piece sums[MOST_PIECES];
    UNROLL
    for (int w = 0; w < wide; w++) sums[w] = load_piece(bias + w * PIECE);
    for (int64_t k = 0; k < in.count; k++) {
        int64_t column = moved ? moved[in.columns[k]] : in.columns[k];
        float x = as_bytes ? in.scale[in.bytes[k]] : in.floats[k];
        const float *line = table + column * row;
        UNROLL
        for (int w = 0; w < wide; w++) sums[w] += x * load_piece(line + w * PIECE);
        if (filing && column != outside) {
            int64_t at = column * capacity + counts[column]++;
            if (as_bytes) ((FiledByte *)files)[at] = example << VALUE_BITS | in.bytes[k];
            else ((Filed *)files)[at] = (Filed){example, x};
        }
    }
    UNROLL
    for (int w = 0; w < wide; w++) store_piece(out + w * PIECE, sums[w]);
}

#define SPARSE_ROW(wide, filing)                                                                  \
    (in.bytes ? sparse_row(wide, 1, filing, in, moved, bias, table, row, out, counts, files,      \
                           capacity, example, layer->n_in)                                        \
              : sparse_row(wide, 0, filing, in, moved, bias, table, row, out, counts, files,      \
                           capacity, example, layer->n_in))
#define FILING_ROW(wide) SPARSE_ROW(wide, 1)
#define PLAIN_ROW(wide) SPARSE_ROW(wide, 0)

/* One example through the first layer. */
static void sparse_example(Entries in, const uint16_t *moved, const Layer *layer, float *out,
                           int32_t *counts, void *files, int64_t capacity, uint32_t example) {
    const float *bias = layer->bias, *table = layer->weights;
    const int64_t row = layer->row_out;
    for (int64_t j = 0; j < layer->n_out; j += STRIP) {
        const int64_t pieces = pieces_from(j, layer->n_out);
        if (j == 0 && counts) FOR_PIECES(pieces, FILING_ROW)
        else FOR_PIECES(pieces, PLAIN_ROW)
        out += STRIP, bias += STRIP, table += STRIP;
    }
}

INLINE Filed filed_at(const int as_bytes, const void *files, const float *scale, int64_t k) {
    if (!as_bytes) return ((const Filed *)files)[k];
    FiledByte byte = ((const FiledByte *)files)[k];
    return (Filed){byte >> VALUE_BITS, scale[(uint8_t)byte]};
}

INLINE void gather_column(const int wide, const int as_bytes, float *row, const float *d,
                          int64_t step, const void *files, const float *scale, int64_t n) {
    piece sums[MOST_PIECES];
    UNROLL
    for (int w = 0; w < wide; w++) sums[w] = load_piece(row + w * PIECE);
    for (int64_t k = 0; k < n; k++) {
        Filed filed = filed_at(as_bytes, files, scale, k);
        const float *line = d + filed.example * step;
        UNROLL
        for (int w = 0; w < wide; w++) sums[w] += filed.value * load_piece(line + w * PIECE);
    }
    UNROLL
    for (int w = 0; w < wide; w++) store_piece(row + w * PIECE, sums[w]);
}

#define GATHER_COLUMN(wide)                                                                       \
    (job->data->kind == SPARSE_FLOATS                                                             \
         ? gather_column(wide, 0, row, d, step, filed, scale, n)                                  \
         : gather_column(wide, 1, row, d, step, filed, scale, n))

/* Where entry `at` is filed. */
INLINE void *filed_from(const Job *job, int64_t at) {
    return job->data->kind == SPARSE_FLOATS ? (void *)((Filed *)job->files + at)
                                            : (void *)((FiledByte *)job->files + at);
}

/* Add x^T d to rows first to last at `target`, from the entries that every part has filed. */
static void sparse_gradient(const Job *job, const Layer *layer, float *target, int64_t batch,
                            int64_t first, int64_t last) {
    const int64_t step = layer->row_out, columns = layer->n_in + 1;
    const float *scale = job->data->scale;
    for (int64_t part = 0; part < job->parts; part++) {
        const int32_t *counts = job->counts + part * columns;
        const int64_t before = batch * part / job->parts;
        for (int64_t column = first; column < last; column++) {
            const int64_t n = counts[column];
            if (n == 0) continue;
            const void *filed = filed_from(job, column * job->capacity + before);
            float *row = target + column * step;
            const float *d = layer->output_gradient;
            for (int64_t j = 0; j < layer->n_out; j += STRIP) {
                FOR_PIECES(pieces_from(j, layer->n_out), GATHER_COLUMN)
                row += STRIP, d += STRIP;
            }
        }
    }
}

/* Append the nonzero bytes of a row, starting at entry k; returns where they end. Every byte of a
   word that is not 0 is written, and the position advances only after a nonzero one, which needs no
   branch; so the entry after the last one is overwritten. */
static int64_t compress_bytes(const uint8_t *row, int64_t width, uint16_t *columns,
                              uint8_t *values, int64_t k) {
    int64_t j = 0;
    for (; j + 8 <= width; j += 8) {
        uint64_t word;
        memcpy(&word, row + j, 8);
        if (word == 0) continue;
        for (int64_t i = j; i < j + 8; i++) {
            columns[k] = (uint16_t)i;
            values[k] = row[i];
            k += row[i] != 0;
        }
    }
    for (; j < width; j++)
        if (row[j] != 0) columns[k] = (uint16_t)j, values[k++] = row[j];
    return k;
}

/* The same with a branch, which writes nothing beyond the end. */
static void compress_bytes_exactly(const uint8_t *row, int64_t width, uint16_t *columns,
                                   uint8_t *values, int64_t k) {
    for (int64_t j = 0; j < width; j++)
        if (row[j] != 0) columns[k] = (uint16_t)j, values[k++] = row[j];
}

static void compress_floats(const float *row, int64_t width, uint16_t *columns, float *values,
                            int64_t k) {
    for (int64_t j = 0; j < width; j++)
        if (row[j] != 0.0f) columns[k] = (uint16_t)j, values[k++] = row[j];
}

/* Floats k / 255 as bytes k; returns how many entries are no such numbers. */
static int64_t compress_as_bytes(const float *row, int64_t width, const float *scale,
                                 uint16_t *columns, uint8_t *values, int64_t k) {
    int64_t others = 0;
    for (int64_t j = 0; j < width; j++) {
        if (row[j] == 0.0f) continue;
        int is_one = row[j] > 0.0f && row[j] <= 1.0f;
        uint8_t value = is_one ? (uint8_t)(row[j] * 255.0f + 0.5f) : 0;
        others += !is_one || scale[value] != row[j];
        columns[k] = (uint16_t)j, values[k++] = value;
    }
    return others;
}
