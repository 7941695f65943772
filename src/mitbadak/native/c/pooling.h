/* Pooling of images, and the change between pixels and rows.

   NumPy's twin: functions/convolution.py. `places` has the entries of every window, one after the
   other, with -1 for padding. */

/* The largest entry of each window of one image, and in `chosen` which it was: the first of equal
   ones; NaN wins. */
static void largest_of_windows(const Layer *layer, const float *x, float *y, int32_t *chosen) {
    const int64_t step = layer->step_out, count = layer->window;
    for (int64_t p = 0; p < layer->pixels_out; p++) {
        const int64_t *at = layer->places + p * count;
        int first = 0;
        while (at[first] < 0) first++;
        for (int64_t j = 0; j < step; j += LANES) {
            lanes best = load(x + at[first] + j);
            ilanes which = (ilanes){0} + first;
            for (int e = first + 1; e < count; e++) {
                if (at[e] < 0) continue;
                lanes entry = load(x + at[e] + j);
                ilanes better = (entry > best) | ((entry != entry) & (best == best));
                best = choose(better, entry, best);
                which = (better & ((ilanes){0} + e)) | (~better & which);
            }
            store(y + p * step + j, best);
            if (chosen) memcpy(chosen + p * step + j, &which, sizeof which);
        }
    }
}

/* The gradient d of each window to the entry that was chosen; dx is overwritten. */
static void spread_to_chosen(const Layer *layer, const float *d, const int32_t *chosen, float *dx) {
    const int64_t step = layer->step_out, count = layer->window;
    if (!layer->covers) memset(dx, 0, 4 * layer->pixels_in * step);
    for (int64_t p = 0; p < layer->pixels_out; p++) {
        const int64_t *at = layer->places + p * count;
        for (int64_t j = 0; j < step; j += LANES) {
            lanes one = load(d + p * step + j);
            ilanes which;
            memcpy(&which, chosen + p * step + j, sizeof which);
            for (int e = 0; e < count; e++) {
                if (at[e] < 0) continue;
                float *to = dx + at[e] + j;
                lanes share = choose(which == e, one, all(0));
                store(to, layer->covers ? share : load(to) + share);
            }
        }
    }
}

static void mean_of_windows(const Layer *layer, const float *x, float *y) {
    const int64_t step = layer->step_out, count = layer->window;
    for (int64_t p = 0; p < layer->pixels_out; p++) {
        const int64_t *at = layer->places + p * count;
        for (int64_t j = 0; j < step; j += LANES) {
            lanes sum = all(0);
            for (int64_t e = 0; e < count; e++)
                if (at[e] >= 0) sum += load(x + at[e] + j);
            store(y + p * step + j, sum / (float)count);
        }
    }
}

static void spread_evenly(const Layer *layer, const float *d, float *dx) {
    const int64_t step = layer->step_out, count = layer->window;
    if (!layer->covers) memset(dx, 0, 4 * layer->pixels_in * step);
    for (int64_t p = 0; p < layer->pixels_out; p++) {
        const int64_t *at = layer->places + p * count;
        for (int64_t j = 0; j < step; j += LANES) {
            lanes share = load(d + p * step + j) / (float)count;
            for (int64_t e = 0; e < count; e++) {
                if (at[e] < 0) continue;
                float *to = dx + at[e] + j;
                store(to, layer->covers ? share : load(to) + share);
            }
        }
    }
}

/* One image, pixel after pixel, as a row: channel after channel. */
static void pixels_to_row(const float *x, int64_t pixels, int64_t channels, int64_t step, float *y) {
    const int64_t whole = pixels / LANES * LANES;
    for (int64_t p = 0; p < whole; p += LANES)
        for (int64_t c = 0; c < channels; c += LANES)
            transpose_square(x + p * step + c, step, y + c * pixels + p, pixels, LANES,
                             channels - c < LANES ? channels - c : LANES);
    for (int64_t p = whole; p < pixels; p++)
        for (int64_t c = 0; c < channels; c++) y[c * pixels + p] = x[p * step + c];
}

/* The reverse; the padding of channels becomes 0. */
static void row_to_pixels(const float *x, int64_t pixels, int64_t channels, int64_t step, float *y) {
    const int64_t whole = pixels / LANES * LANES;
    for (int64_t p = 0; p < whole; p += LANES)
        for (int64_t c = 0; c < channels; c += LANES)
            transpose_square(x + c * pixels + p, pixels, y + p * step + c, step,
                             channels - c < LANES ? channels - c : LANES, LANES);
    for (int64_t p = whole; p < pixels; p++) {
        memset(y + p * step, 0, 4 * step);
        for (int64_t c = 0; c < channels; c++) y[p * step + c] = x[c * pixels + p];
    }
}

/* An image in a frame of zeros, plane by plane; only the inside is written. */
static void copy_inside(const Layer *layer, const float *x, float *frame) {
    const int64_t across = layer->width_in * layer->pixel_step;
    const int64_t framed = layer->frame_width * layer->pixel_step;
    for (int64_t plane = 0; plane < layer->planes; plane++)
        for (int64_t i = 0; i < layer->height_in; i++)
            memcpy(frame + plane * layer->frame_plane + layer->inside + i * framed,
                   x + (plane * layer->height_in + i) * across, 4 * across);
}

/* The inside of a frame. */
static void copy_from_inside(const Layer *layer, const float *frame, float *x) {
    const int64_t across = layer->width_in * layer->pixel_step;
    const int64_t framed = layer->frame_width * layer->pixel_step;
    for (int64_t i = 0; i < layer->height_in; i++)
        memcpy(x + i * across, frame + layer->inside + i * framed, 4 * across);
}
