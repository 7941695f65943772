/* Sums over windows of images: convolution, and the gradients of its filters and of its input.

   NumPy's twin: functions/convolution.py. There the windows are laid out side by side, and one matrix
   product follows. Here they stay where they are: `places` says where each window begins in the image,
   `entries` how far each of its entries is from there, and tiles of sums are computed from both.

   Images lie pixel after pixel, each with its channels, which are padded to whole vectors. So a vector
   holds 16 filters, or 16 channels. */

#if LEVEL == 4
enum { MOST_SUMS = 16, MOST_WIDE = 4 };
#else
enum { MOST_SUMS = TILE_ROWS, MOST_WIDE = 1 };
#endif
enum { MOST_ROWS = 8 };   /* of a tile: each takes an address, and there are 16 registers for these */
enum { NEAR_PIXELS = 64 }; /* whose gradients stay in the first-level cache */

/* Rows of a tile so wide: as many sums as fit into the registers. */
INLINE int tile_rows(int64_t wide) {
    int rows = MOST_SUMS / (int)wide;
    return rows < MOST_ROWS ? rows : MOST_ROWS;
}

/* Call f for a number of rows that the compiler knows. */
#if LEVEL == 4
#define MORE_ROWS(f, wide, ...)                                                                   \
    case 4: f(4, wide, __VA_ARGS__); break;                                                       \
    case 5: f(5, wide, __VA_ARGS__); break;                                                       \
    case 6: f(6, wide, __VA_ARGS__); break;                                                       \
    case 7: f(7, wide, __VA_ARGS__); break;                                                       \
    case 8: f(8, wide, __VA_ARGS__); break;
#elif LEVEL == 2
#define MORE_ROWS(f, wide, ...)
#else
#define MORE_ROWS(f, wide, ...)                                                                   \
    case 4: f(4, wide, __VA_ARGS__); break;                                                       \
    case 5: f(5, wide, __VA_ARGS__); break;                                                       \
    case 6: f(6, wide, __VA_ARGS__); break;
#endif
#define BY_ROWS(f, rows, wide, ...)                                                               \
    switch (rows) {                                                                               \
    case 1: f(1, wide, __VA_ARGS__); break;                                                       \
    case 2: f(2, wide, __VA_ARGS__); break;                                                       \
    case 3: f(3, wide, __VA_ARGS__); break;                                                       \
    MORE_ROWS(f, wide, __VA_ARGS__)                                                               \
    }

/* n rows in as few tiles as possible, all of nearly the same number of rows: a tile of one row would
   wait for each of its sums. Returns how many tile number i has. */
INLINE int64_t tiles_of(int64_t n, int64_t most) { return (n + most - 1) / most; }

/* out[i] = start[i] + sum over k of x[bases[i] + offsets[k]] lines[k], for `rows` sums of `wide`
   vectors. In a convolution bases are windows, offsets their entries and lines the filters; in the
   gradient of the filters bases are entries, offsets the windows and lines their d. */
INLINE void window_tile(const int rows, const int wide, const float *x, const int64_t *bases,
                        const int64_t *offsets, int64_t count, const float *lines, int64_t step,
                        const float *start, int64_t start_step, float *out) {
    const float *from[MOST_ROWS];
    lanes sums[MOST_ROWS * MOST_WIDE];
    UNROLL
    for (int i = 0; i < rows; i++) {
        from[i] = x + bases[i];
        UNROLL
        for (int w = 0; w < wide; w++) sums[i * wide + w] = load(start + i * start_step + w * LANES);
    }
    for (int64_t k = 0; k < count; k++) {
        const int64_t at = offsets[k];
        lanes line[MOST_WIDE];
        UNROLL
        for (int w = 0; w < wide; w++) line[w] = load(lines + k * step + w * LANES);
        UNROLL
        for (int i = 0; i < rows; i++) {
            float one = from[i][at];
            UNROLL
            for (int w = 0; w < wide; w++) sums[i * wide + w] += one * line[w];
        }
    }
    UNROLL
    for (int i = 0; i < rows; i++)
        UNROLL
        for (int w = 0; w < wide; w++) store(out + i * step + w * LANES, sums[i * wide + w]);
}

/* dx[p's window at one entry] += sum over filters of d[p] W^T, for `rows` windows. */
INLINE void back_tile(const int rows, const int wide, const float *d, int64_t step, int64_t count,
                      const float *weights, int64_t row, float *dx, const int64_t *places) {
    lanes sums[MOST_ROWS * MOST_WIDE];
    UNROLL
    for (int i = 0; i < rows * wide; i++) sums[i] = all(0);
    for (int64_t k = 0; k < count; k++) {
        lanes line[MOST_WIDE];
        UNROLL
        for (int w = 0; w < wide; w++) line[w] = load(weights + k * row + w * LANES);
        UNROLL
        for (int i = 0; i < rows; i++) {
            float one = d[i * step + k];
            UNROLL
            for (int w = 0; w < wide; w++) sums[i * wide + w] += one * line[w];
        }
    }
    UNROLL
    for (int i = 0; i < rows; i++)
        UNROLL
        for (int w = 0; w < wide; w++) {
            float *to = dx + places[i] + w * LANES;
            store(to, load(to) + sums[i * wide + w]);
        }
}

/* The widest tile for what is left of n floats. */
INLINE int64_t width_of_tile(int64_t left) {
    int64_t vectors = left / LANES;
    if (MOST_WIDE == 1) return 1;
    return vectors >= 4 ? 4 : vectors >= 2 ? 2 : 1;
}

#if LEVEL == 4
#define BY_WIDTH(f, rows, wide, ...)                                                              \
    if (wide == 4) { BY_ROWS(f, rows, 4, __VA_ARGS__) }                                           \
    else if (wide == 2) { BY_ROWS(f, rows, 2, __VA_ARGS__) }                                      \
    else { BY_ROWS(f, rows, 1, __VA_ARGS__) }
#else
#define BY_WIDTH(f, rows, wide, ...) BY_ROWS(f, rows, 1, __VA_ARGS__)
#endif

/* y (pixels, filters) of one image; x is its frame, with padding. */
static void convolve(const Layer *layer, const float *x, float *y) {
    const int64_t pixels = layer->pixels_out, step = layer->step_out, count = layer->window;
    for (int64_t j = 0, wide; j < step; j += wide * LANES) {
        wide = width_of_tile(step - j);
        const int64_t tiles = tiles_of(pixels, tile_rows(wide));
        for (int64_t i = 0; i < tiles; i++) {
            const int64_t p = pixels * i / tiles, rows = pixels * (i + 1) / tiles - p;
            BY_WIDTH(window_tile, rows, wide, x, layer->places + p, layer->entries, count,
                     layer->weights + j, step, layer->bias + j, 0, y + p * step + j)
        }
    }
}

/* Add one image's gradient of the filters to `total` (window, filters). */
static void add_filter_gradient(const Layer *layer, const float *x, const float *d, float *total) {
    const int64_t pixels = layer->pixels_out, step = layer->step_out, count = layer->window;
    for (int64_t p = 0; p < pixels; p += NEAR_PIXELS) {
        const int64_t end = p + NEAR_PIXELS < pixels ? p + NEAR_PIXELS : pixels;
        for (int64_t j = 0, wide; j < step; j += wide * LANES) {
            wide = width_of_tile(step - j);
            const int64_t tiles = tiles_of(count, tile_rows(wide));
            for (int64_t i = 0; i < tiles; i++) {
                const int64_t k = count * i / tiles, rows = count * (i + 1) / tiles - k;
                float *sums = total + k * step + j;
                BY_WIDTH(window_tile, rows, wide, x, layer->entries + k, layer->places + p, end - p,
                         d + p * step + j, step, sums, step, sums)
            }
        }
    }
}

/* Add to dx, the gradient of a frame, what one image's d gives. */
static void add_input_gradient(const Layer *layer, const float *d, float *dx) {
    const int64_t pixels = layer->pixels_out, step = layer->step_out, row = layer->step_in;
    const int64_t taps = layer->window / layer->n_in;
    for (int64_t j = 0, wide; j < row; j += wide * LANES) {
        wide = width_of_tile(row - j);
        const int64_t tiles = tiles_of(pixels, tile_rows(wide));
        for (int64_t i = 0; i < tiles; i++) {
            const int64_t p = pixels * i / tiles, rows = pixels * (i + 1) / tiles - p;
            for (int64_t tap = 0; tap < taps; tap++) {
                float *to = dx + layer->entries[tap * layer->n_in] + j;
                BY_WIDTH(back_tile, rows, wide, d + p * step, step, layer->n_out,
                         layer->transposed + tap * layer->n_out * row + j, row, to,
                         layer->places + p)
            }
        }
    }
}

/* W of taps first to last, each (channels, filters), as (filters, channels). */
static void transpose_taps(const Layer *layer, int64_t first, int64_t last) {
    const int64_t row = layer->step_in;
    for (int64_t tap = first; tap < last; tap++)
        for (int64_t c = 0; c < layer->n_in; c += LANES)
            for (int64_t f = 0; f < layer->n_out; f += LANES) {
                const int64_t rows = layer->n_in - c < LANES ? layer->n_in - c : LANES;
                const int64_t columns = layer->n_out - f < LANES ? layer->n_out - f : LANES;
                transpose_square(layer->weights + (tap * layer->n_in + c) * layer->step_out + f,
                                 layer->step_out, layer->transposed + (tap * layer->n_out + f) * row + c,
                                 row, rows, columns);
            }
}
