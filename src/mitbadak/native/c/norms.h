/* Normalization of the columns of a batch, and of each example.

   y = gamma (x - mean) / sqrt(variance + eps) + beta. NumPy's twin: functions/normalization.py.
   `saved` keeps the normalized inputs, `spread` what they were divided by. */

/* The sum of squares of n numbers, each `step` floats after the one before, in double: where
   float32 overflows. */
static double sum_of_squares(const float *x, int64_t n, int64_t step, float center) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double d = (double)(x[i * step] - center);
        sum += d * d;
    }
    return sum;
}

INLINE int all_finite(lanes x) {
    lanes zeros = x * 0.0f;
    int finite = 1;
    for (int i = 0; i < LANES; i++) finite &= zeros[i] == 0;
    return finite;
}

/* Statistics of the batch for columns first to last, a multiple of LANES, in two passes. */
static void column_statistics(const Layer *layer, int64_t batch, int64_t first, int64_t last) {
    const int64_t row = layer->row_in;
    for (int64_t j = first; j < last; j += LANES) {
        lanes mean = all(0), variance = all(0);
        for (int64_t i = 0; i < batch; i++) mean += load(layer->input + i * row + j);
        mean /= (float)batch;
        for (int64_t i = 0; i < batch; i++) {
            lanes centered = load(layer->input + i * row + j) - mean;
            variance += centered * centered;
        }
        variance /= (float)batch;
        lanes spread = root(variance + (float)layer->setting);
        if (!all_finite(variance))
            for (int i = 0; i < LANES; i++)
                spread[i] = (float)sqrt(
                    sum_of_squares(layer->input + j + i, batch, row, mean[i]) / (double)batch + layer->setting);
        store(layer->mean + j, mean);
        store(layer->variance + j, variance);
        store(layer->spread + j, spread);
    }
}

/* Running statistics, with the batch's unbiased variance. */
static void update_running(const Layer *layer, int64_t batch, int64_t first, int64_t last) {
    const float weight = (float)layer->momentum, unbiased = (float)batch / (float)(batch - 1);
    for (int64_t j = first; j < last; j += LANES) {
        lanes mean = load(layer->mean + j), variance = load(layer->variance + j) * unbiased;
        lanes old = load(layer->running_mean + j);
        store(layer->running_mean + j, (1.0f - weight) * old + weight * mean);
        old = load(layer->running_variance + j);
        store(layer->running_variance + j, (1.0f - weight) * old + weight * variance);
    }
}

/* Rows of the batch, normalized by its own statistics in training and by the running ones else. */
static void normalize_columns(const Layer *layer, int64_t first, int64_t last, int training) {
    const int64_t row = layer->row_in;
    for (int64_t j = 0; j < row; j += LANES) {
        lanes center = load((training ? layer->mean : layer->running_mean) + j);
        lanes spread = training ? load(layer->spread + j)
                                : root(load(layer->running_variance + j) + (float)layer->setting);
        lanes gamma = load(layer->weights + j), beta = load(layer->bias + j);
        for (int64_t i = first; i < last; i++) {
            lanes normal = (load(layer->input + i * row + j) - center) / spread;
            if (training) store(layer->saved + i * row + j, normal);
            store(layer->output + i * row + j, normal * gamma + beta);
        }
    }
}

/* Sums over the batch for columns first to last: of d (in bias_gradient) and of d times the
   normalized inputs (in weight_gradient). */
static void column_sums(const Layer *layer, int64_t batch, int64_t first, int64_t last) {
    const int64_t row = layer->row_in;
    for (int64_t j = first; j < last; j += LANES) {
        lanes sum = all(0), along = all(0);
        for (int64_t i = 0; i < batch; i++) {
            lanes d = load(layer->output_gradient + i * row + j);
            sum += d;
            along += d * load(layer->saved + i * row + j);
        }
        store(layer->bias_gradient + j, sum);
        store(layer->weight_gradient + j, along);
    }
}

/* dx = (d - mean d - normal mean(d normal)) gamma / sqrt(variance + eps), for rows of the batch. */
static void pull_columns(const Layer *layer, int64_t batch, int64_t first, int64_t last) {
    const int64_t row = layer->row_in;
    const float share = 1.0f / (float)batch;
    for (int64_t j = 0; j < row; j += LANES) {
        lanes factor = load(layer->weights + j) / load(layer->spread + j);
        lanes mean = load(layer->bias_gradient + j) * share;
        lanes along = load(layer->weight_gradient + j) * share;
        for (int64_t i = first; i < last; i++) {
            lanes d = load(layer->output_gradient + i * row + j);
            lanes normal = load(layer->saved + i * row + j);
            store(layer->input_gradient + i * row + j, (d - mean - normal * along) * factor);
        }
    }
}

INLINE float sum_of(const float *x, int64_t n) {
    lanes total = all(0);
    int64_t k = 0;
    float sum = 0;
    for (; k + LANES <= n; k += LANES) total += load(x + k);
    for (int i = 0; i < LANES; i++) sum += total[i];
    for (; k < n; k++) sum += x[k];
    return sum;
}

INLINE float dot(const float *x, const float *y, int64_t n) {
    lanes total = all(0);
    int64_t k = 0;
    float sum = 0;
    for (; k + LANES <= n; k += LANES) total += load(x + k) * load(y + k);
    for (int i = 0; i < LANES; i++) sum += total[i];
    for (; k < n; k++) sum += x[k] * y[k];
    return sum;
}

/* Each example by its own mean and variance; there is one spread per row. */
static void normalize_rows(const Layer *layer, int64_t first, int64_t last) {
    const int64_t row = layer->row_in, n = layer->n_in;
    for (int64_t i = first; i < last; i++) {
        const float *x = layer->input + i * row;
        float *normal = layer->saved + i * row, *y = layer->output + i * row;
        float mean = sum_of(x, n) / (float)n;
        for (int64_t k = 0; k < n; k++) normal[k] = x[k] - mean;
        for (int64_t k = n; k < row; k++) normal[k] = 0;
        float variance = dot(normal, normal, n) / (float)n;
        float spread = sqrtf(variance + (float)layer->setting);
        if (!isfinite(variance))
            spread = (float)sqrt(sum_of_squares(normal, n, 1, 0) / (double)n + layer->setting);
        layer->spread[i] = spread;
        for (int64_t k = 0; k < row; k += LANES) {
            lanes v = load(normal + k) / spread;
            store(normal + k, v);
            store(y + k, v * load(layer->weights + k) + load(layer->bias + k));
        }
    }
}

/* dx = (p - mean p - normal mean(p normal)) / spread for p = d gamma. */
static void pull_rows(const Layer *layer, int64_t first, int64_t last) {
    const int64_t row = layer->row_in, n = layer->n_in;
    for (int64_t i = first; i < last; i++) {
        const float *d = layer->output_gradient + i * row, *normal = layer->saved + i * row;
        float *pull = layer->input_gradient + i * row;
        for (int64_t k = 0; k < row; k += LANES)
            store(pull + k, load(d + k) * load(layer->weights + k));
        float mean = sum_of(pull, n) / (float)n, along = dot(pull, normal, n) / (float)n;
        float spread = layer->spread[i];
        for (int64_t k = 0; k < n; k++) pull[k] = (pull[k] - mean - normal[k] * along) / spread;
    }
}
