/* Layers of images, example by example, and the gradients of filters.

   Where pooling follows a convolution, the convolution's output and its gradient are never kept for a
   batch: each part has room for those of one example, which stay in the cache. */

/* Example i's output of a convolution. */
INLINE float *convolved(const Turn *turn, const Layer *layer, int64_t i) {
    return layer->output + (layer->pooled ? turn->part : i) * layer->row_out;
}

/* Example i's input with its padding. */
static const float *framed(const Turn *turn, const Layer *layer, int64_t i) {
    const float *x = layer->input + i * layer->row_in;
    if (!layer->frames) return x;
    float *frame = layer->frames + turn->part * layer->frame_size;
    copy_inside(layer, x, frame);
    return frame;
}

INLINE int32_t *chosen_of(const Layer *layer, int64_t i) {
    return (int32_t *)layer->saved + i * layer->row_out;
}

static void max_pooling_forward(const Turn *turn, const Layer *layer, const float *x, int64_t i) {
    largest_of_windows(layer, x, layer->output + i * layer->row_out,
                       turn->learning ? chosen_of(layer, i) : NULL);
}

static void convolution_forward(const Turn *turn, const Layer *layer) {
    for (int64_t i = turn->first; i < turn->last; i++) {
        float *y = convolved(turn, layer, i);
        convolve(layer, framed(turn, layer, i), y);
        if (layer->pooled) max_pooling_forward(turn, layer + 1, y, i);
    }
    if (turn->learning && layer->input_gradient) {
        const int64_t taps = layer->window / layer->n_in, parts = turn->job->parts;
        transpose_taps(layer, taps * turn->part / parts, taps * (turn->part + 1) / parts);
    }
}

/* The other layers of images. */
static void image_forward(const Turn *turn, const Layer *layer) {
    for (int64_t i = turn->first; i < turn->last; i++) {
        const float *x = layer->input + i * layer->row_in;
        float *y = layer->output + i * layer->row_out;
        switch (layer->kind) {
        case MAX_POOLING: max_pooling_forward(turn, layer, x, i); break;
        case AVERAGE_POOLING: mean_of_windows(layer, x, y); break;
        case TO_ROW: pixels_to_row(x, layer->pixels_in, layer->n_in, layer->step_in, y); break;
        default: row_to_pixels(x, layer->pixels_out, layer->n_in, layer->step_out, y);
        }
    }
}

/* Example i's gradient of a convolution's output. */
static const float *convolved_gradient(const Turn *turn, const Layer *layer, int64_t i) {
    if (!layer->pooled) return layer->output_gradient + i * layer->row_out;
    const Layer *pool = layer + 1;
    float *d = convolved(turn, layer, i);
    spread_to_chosen(pool, pool->output_gradient + i * pool->row_out, chosen_of(pool, i), d);
    return d;
}

static void convolution_backward(const Turn *turn, const Layer *layer) {
    if (!layer->input_gradient) return;
    for (int64_t i = turn->first; i < turn->last; i++) {
        float *dx = layer->input_gradient + i * layer->row_in, *frame = dx;
        if (layer->frames) frame = layer->gradient_frames + turn->part * layer->frame_size;
        memset(frame, 0, 4 * (layer->frames ? layer->frame_size : layer->row_in));
        add_input_gradient(layer, convolved_gradient(turn, layer, i), frame);
        if (layer->frames) copy_from_inside(layer, frame, dx);
    }
}

static void image_backward(const Turn *turn, const Layer *layer) {
    if (!layer->input_gradient) return;
    for (int64_t i = turn->first; i < turn->last; i++) {
        const float *d = layer->output_gradient + i * layer->row_out;
        float *dx = layer->input_gradient + i * layer->row_in;
        switch (layer->kind) {
        case MAX_POOLING: spread_to_chosen(layer, d, chosen_of(layer, i), dx); break;
        case AVERAGE_POOLING: spread_evenly(layer, d, dx); break;
        case TO_ROW: row_to_pixels(d, layer->pixels_in, layer->n_in, layer->step_in, dx); break;
        default: pixels_to_row(d, layer->pixels_out, layer->n_in, layer->step_out, dx);
        }
    }
}

/* The gradient of filters, one sum for each block of the batch: blocks do not depend on the number of
   parts. The last row of a sum is the bias. */
static void filter_gradients(const Turn *turn, const Layer *layer) {
    const int64_t blocks = layer->blocks, parts = turn->job->parts, step = layer->step_out;
    for (int64_t b = blocks * turn->part / parts; b < blocks * (turn->part + 1) / parts; b++) {
        float *total = layer->partials + b * layer->partial_size;
        memset(total, 0, 4 * layer->partial_size);
        for (int64_t i = turn->batch * b / blocks; i < turn->batch * (b + 1) / blocks; i++) {
            const float *d = convolved_gradient(turn, layer, i);
            add_filter_gradient(layer, framed(turn, layer, i), d, total);
            if (!layer->bias_gradient) continue;
            const Layer *pool = layer + 1;
            if (layer->pooled) /* the same sum of fewer numbers */
                sum_rows(pool->output_gradient + i * pool->row_out, pool->pixels_out, step,
                         total + layer->window * step);
            else sum_rows(d, layer->pixels_out, step, total + layer->window * step);
        }
    }
}

INLINE void add_up_blocks(const Layer *layer, int64_t from, int64_t to, int64_t at, float *result) {
    for (int64_t j = from; j < to; j += LANES) {
        lanes sum = all(0);
        for (int64_t b = 0; b < layer->blocks; b++)
            sum += load(layer->partials + b * layer->partial_size + at + j);
        store(result + j, sum);
    }
}

/* This part's share of the sum of all blocks. */
static void add_filter_blocks(const Turn *turn, const Layer *layer) {
    const int64_t size = layer->window * layer->step_out, parts = turn->job->parts;
    add_up_blocks(layer, column_edge(size, turn->part, parts), column_edge(size, turn->part + 1, parts),
                  0, layer->weight_gradient);
    if (turn->part == 0 && layer->bias_gradient)
        add_up_blocks(layer, 0, layer->step_out, size, layer->bias_gradient);
}
