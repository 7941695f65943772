/* The backward pass of a part's rows, d -> d f'(x), and the gradients of parameters, x^T d.

   NumPy's twin: nn/network.py (_backward). Plain SGD adds its update to the weights at once; then
   no gradient is written. */

/* The largest magnitude of n floats, a multiple of LANES; NaN does not count. */
INLINE float largest_magnitude(const float *x, int64_t n) {
    lanes most = all(0);
    float result = 0;
    for (int64_t k = 0; k < n; k += LANES) most = larger(magnitude(load(x + k)), most);
    for (int i = 0; i < LANES; i++) result = most[i] > result ? most[i] : result;
    return result;
}

/* Whether this part's rows have finite gradients: d is finite, and x^T d, which is not computed
   apart from the weights, cannot overflow. A sum is finite only if its terms are. */
static int are_finite(const Turn *turn, const Layer *layer) {
    const Examples *data = turn->job->data;
    const int64_t row = layer->row_out, begin = turn->first, rows = turn->last - begin;
    const float *d = layer->output_gradient + begin * row;
    lanes sum = all(0);
    for (int64_t k = 0; k < rows * row; k += LANES) sum += load(d + k) * 0.0f;
    float total = 0;
    for (int i = 0; i < LANES; i++) total += sum[i];
    const int is_sparse = layer == turn->job->layers && data->kind >= SPARSE_BYTES;
    const double x = is_sparse ? data->largest
        : largest_magnitude(layer->input + begin * layer->row_in, rows * layer->row_in);
    return total == 0 && (1 + x) * largest_magnitude(d, rows * row) * turn->batch < FLT_MAX;
}

/* d <- factor d for this part's rows. */
static void multiply_gradient(const Turn *turn, const Layer *layer, float factor) {
    const int64_t end = turn->last * layer->row_out;
    for (int64_t k = turn->first * layer->row_out; k < end; k += LANES)
        store(layer->output_gradient + k, load(layer->output_gradient + k) * factor);
}

static void affine_backward(const Turn *turn, const Layer *layer, float factor) {
    float *d = layer->output_gradient + turn->first * layer->row_out;
    const int64_t rows = turn->last - turn->first;
    if (layer->input_gradient)
        product(rows, layer->row_in, layer->n_out,
                rows_of(layer->input_gradient + turn->first * layer->row_in, layer->row_in),
                rows_of(turn->job->zeros, 0), rows_of(d, layer->row_out),
                rows_of(layer->transposed, layer->row_in), panel_of(turn));
    if (turn->job->fused) { /* the gradient is then added to the weights themselves */
        if (!are_finite(turn, layer)) __atomic_store_n(&turn->job->refused, 1, __ATOMIC_RELAXED);
        multiply_gradient(turn, layer, factor);
    }
}

static void backward(const Turn *turn, float factor) {
    Job *job = turn->job;
    for (int64_t number = job->layer_count - 1; number >= 0; number--) {
        const Layer *layer = job->layers + number;
        const int64_t begin = turn->first * layer->row_out, end = turn->last * layer->row_out;
        const int64_t pixels = layer->pixels_in; /* of BatchNorm, each is a row of channels */
        const int64_t from = column_edge(layer->row_in, turn->part, job->parts);
        const int64_t to = column_edge(layer->row_in, turn->part + 1, job->parts);
        switch (layer->kind) {
        case AFFINE: affine_backward(turn, layer, factor); break;
        case DROPOUT:
            if (layer->input_gradient)
                for (int64_t k = begin; k < end; k += LANES)
                    store(layer->input_gradient + k,
                          load(layer->output_gradient + k) * load(layer->saved + k));
            break;
        case BATCH_NORM:
            barrier(job);
            column_sums(layer, turn->batch * pixels, from, to);
            barrier(job);
            if (layer->input_gradient)
                pull_columns(layer, turn->batch * pixels, turn->first * pixels, turn->last * pixels);
            break;
        case LAYER_NORM:
            barrier(job);
            column_sums(layer, turn->batch, from, to);
            barrier(job);
            if (layer->input_gradient) pull_rows(layer, turn->first, turn->last);
            break;
        case CONVOLUTION: convolution_backward(turn, layer); break;
        case MAX_POOLING: case AVERAGE_POOLING: case TO_ROW: case TO_PIXELS:
            image_backward(turn, layer);
            break;
        default:
            if (layer->input_gradient)
                multiply_by_slope(layer->activation, (float)layer->setting,
                                  layer->output_gradient + begin, layer->output + begin,
                                  layer->saved ? layer->saved + begin : NULL, end - begin);
        }
    }
}

/* SGD's update of gamma and beta. */
static void update_norm(const Layer *layer, float factor, int64_t first, int64_t last) {
    for (int64_t k = first; k < last; k += LANES) {
        store(layer->weights + k, load(layer->weights + k) + factor * load(layer->weight_gradient + k));
        store(layer->bias + k, load(layer->bias + k) + factor * load(layer->bias_gradient + k));
    }
}

/* The gradients of this part's rows of every weight matrix, or SGD's update of them, which is added
   to the weights themselves: backward has multiplied d by `factor`, the negative learning rate. */
static void weight_gradients(const Turn *turn, float factor) {
    const Job *job = turn->job;
    for (int64_t number = 0; number < job->layer_count; number++) {
        const Layer *layer = job->layers + number;
        if (layer->kind == CONVOLUTION) {
            filter_gradients(turn, layer);
            continue;
        }
        if (layer->kind != AFFINE) {
            if (job->fused && layer->weights)
                update_norm(layer, factor, column_edge(layer->row_in, turn->part, job->parts),
                            column_edge(layer->row_in, turn->part + 1, job->parts));
            continue;
        }
        const int64_t row = layer->row_out;
        const int64_t first = edge(layer->n_in, turn->part, job->parts);
        const int64_t last = edge(layer->n_in, turn->part + 1, job->parts);
        float *target = job->fused ? layer->weights : layer->weight_gradient;
        if (number == 0 && job->data->kind >= SPARSE_BYTES) {
            if (!job->fused) memset(target + first * row, 0, 4 * (last - first) * row);
            sparse_gradient(job, layer, target, turn->batch, first, last);
        } else {
            Matrix c = rows_of(target + first * row, row);
            product(last - first, row, turn->batch, c, job->fused ? c : rows_of(job->zeros, 0),
                    (Matrix){layer->input + first, 1, layer->row_in},
                    rows_of(layer->output_gradient, row), panel_of(turn));
        }
        if (turn->part == 0 && layer->bias_gradient) {
            float *sums = job->fused ? layer->bias : layer->bias_gradient;
            if (!job->fused) memset(sums, 0, 4 * row);
            sum_rows(layer->output_gradient, turn->batch, row, sums);
        }
    }
    if (!job->has_filters) return;
    barrier(turn->job);
    for (int64_t number = 0; number < job->layer_count; number++)
        if (job->layers[number].kind == CONVOLUTION) add_filter_blocks(turn, job->layers + number);
}
