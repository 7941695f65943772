/* Losses of rows of scores, their gradients, and how many predictions are right.

   NumPy's twin: functions/losses.py and nn/heads.py. A row's loss is that of one example, without
   the factor of the mean, which loss_of_batch applies. */

INLINE ilanes lane_numbers(void) {
    return (ilanes){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
}

/* exp(s - largest s) of a row's n scores, with zeros beyond; returns their sum. NaN where a score is
   NaN, or infinite; `top` gets the largest score that is not NaN. */
INLINE float exps_of_row(const float *scores, float *exps, int64_t n, float *top) {
    const lanes none = all(-INFINITY);
    lanes most = none, sum = all(0);
    for (int64_t k = 0; k < n; k += LANES) {
        lanes x = load(scores + k);
        most = choose((lane_numbers() < (int32_t)(n - k)) & (x > most), x, most);
    }
    *top = largest_lane(most);
    for (int64_t k = 0; k < n; k += LANES) {
        lanes y = vector_exp(load(scores + k) - *top);
        y = choose(lane_numbers() < (int32_t)(n - k), y, all(0));
        store(exps + k, y);
        sum += y;
    }
    return sum_of_lanes(sum);
}

INLINE float target_of(const Examples *data, int64_t example, int64_t k, int64_t outputs) {
    if (data->labels) return (float)(data->labels[example] == k);
    return data->targets[example * outputs + k];
}

INLINE float share_of_row(const Job *job, int64_t batch) {
    switch (job->head) {
    case SOFTMAX_CROSS_ENTROPY: return 1.0f / batch;
    case SUM_SQUARED: return 1.0f;
    case MEAN_SQUARED: return 2.0f / (batch * job->outputs);
    default: return 1.0f / (batch * job->outputs);
    }
}

/* Targets of LANES rows at one output each: columns[k] has theirs at output k. */
INLINE void target_columns(const Examples *data, const int64_t *examples, int64_t rows,
                           int64_t outputs, lanes columns[LANES]) {
    if (data->labels) {
        ilanes labels = (ilanes){0} - 1; /* no output's number, for rows that are not there */
        for (int64_t i = 0; i < rows; i++) labels[i] = (int32_t)data->labels[examples[i]];
        for (int64_t k = 0; k < outputs; k++)
            columns[k] = choose(labels == (int32_t)k, all(1), all(0));
        return;
    }
    for (int64_t k = 0; k < outputs; k++) {
        columns[k] = all(0);
        for (int64_t i = 0; i < rows; i++) columns[k][i] = data->targets[examples[i] * outputs + k];
    }
}

/* Softmax cross entropy: log sum exp(s) - s[target]; the gradient softmax(s) - t, where one is asked
   for. Here for at most LANES outputs: a vector has one output of LANES rows, so that no lane is
   idle, and nothing is summed across lanes. Not inlined: the caller's frame and this one together
   are more than a page, which on Windows takes startup code that is not linked. */
__attribute__((noinline)) static void narrow_softmax_rows(const Job *job, const Layer *last, const int64_t *picked,
                                int64_t first, int64_t end, float share, int learning) {
    const int64_t row = last->row_out, outputs = job->outputs;
    for (int64_t block = first; block < end; block += LANES) {
        const int64_t rows = end - block < LANES ? end - block : LANES;
        lanes columns[LANES], targets[LANES], top = all(-INFINITY), total = all(0);
        lanes weights = all(0), along = all(0);
        for (int64_t i = 0; i < LANES; i++)
            columns[i] = i < rows ? load(last->output + (block + i) * row) : all(0);
        turn_square(columns);
        target_columns(job->data, picked + (block - first), rows, outputs, targets);
        for (int64_t k = 0; k < outputs; k++) top = larger(columns[k], top); /* NaN is passed over */
        for (int64_t k = 0; k < outputs; k++) {
            const lanes score = columns[k] - top, t = targets[k];
            columns[k] = vector_exp(score);
            total += columns[k];
            weights += t;
            along += choose(t != 0.0f, t * score, all(0)); /* -inf may be elsewhere */
        }
        const lanes logs = vector_log(total), factors = weights * share / total;
        for (int64_t i = 0; i < rows; i++)
            job->row_losses[block + i] = (double)weights[i] * logs[i] - along[i];
        if (!learning) continue;
        for (int64_t k = 0; k < LANES; k++)
            columns[k] = k < outputs ? columns[k] * factors - targets[k] * share : all(0);
        turn_square(columns);
        for (int64_t i = 0; i < rows; i++) store(last->output_gradient + (block + i) * row, columns[i]);
    }
}

/* The same for rows of any width. The logarithms of LANES rows are taken together. */
static void softmax_rows(const Job *job, const Layer *last, const int64_t *picked, int64_t first,
                         int64_t end, float share, int learning) {
    const Examples *data = job->data;
    const int64_t row = last->row_out, outputs = job->outputs;
    for (int64_t block = first; block < end; block += LANES) {
        const int64_t rows = end - block < LANES ? end - block : LANES;
        const int64_t *examples = picked + (block - first);
        lanes totals = all(1), weights = all(1);
        float along[LANES];
        for (int64_t i = 0; i < rows; i++) {
            const float *scores = last->output + (block + i) * row;
            float top;
            totals[i] = exps_of_row(scores, last->output_gradient + (block + i) * row, outputs, &top);
            if (data->labels) {
                along[i] = scores[data->labels[examples[i]]] - top;
                continue;
            }
            const float *t = data->targets + examples[i] * outputs;
            float target = 0, weight = 0;
            for (int64_t k = 0; k < outputs; k++) {
                weight += t[k];
                if (t[k] != 0) target += t[k] * (scores[k] - top); /* -inf may be elsewhere */
            }
            along[i] = target;
            weights[i] = weight;
        }
        lanes logs = vector_log(totals), factors = weights * share / totals;
        for (int64_t i = 0; i < rows; i++) {
            float *d = last->output_gradient + (block + i) * row;
            job->row_losses[block + i] = (double)weights[i] * logs[i] - along[i];
            if (!learning) continue;
            for (int64_t k = 0; k < row; k += LANES) store(d + k, load(d + k) * factors[i]);
            if (data->labels) d[data->labels[examples[i]]] -= share;
            else {
                const float *t = data->targets + examples[i] * outputs;
                for (int64_t k = 0; k < outputs; k++) d[k] -= t[k] * share;
                for (int64_t k = outputs; k < row; k++) d[k] = 0;
            }
        }
    }
}

/* Binary cross entropy: max(s, 0) - s t + log(1 + exp(-|s|)); the gradient sigmoid(s) - t. */
INLINE double binary_row(const Job *job, const float *scores, float *d, int64_t example,
                         float share) {
    double total = 0;
    for (int64_t k = 0; k < job->outputs; k++) {
        float s = scores[k], t = target_of(job->data, example, k, job->outputs);
        double e = exp(-fabs((double)s));
        if (isinf(s)) total += (s > 0 ? 1 - t : t) > 0 ? INFINITY : 0;
        else total += (s < 0 ? 0.0 : s) - (double)s * t + log1p(e);
        d[k] = (float)((s >= 0 ? 1.0 : e) / (1.0 + e) - t) * share;
    }
    return total;
}

/* Squared errors, or Huber's: c (e - c / 2) for the error e clipped to c. */
INLINE double error_row(const Job *job, const float *scores, float *d, int64_t example,
                        float share) {
    double total = 0;
    const float delta = (float)job->head_setting;
    for (int64_t k = 0; k < job->outputs; k++) {
        float e = scores[k] - target_of(job->data, example, k, job->outputs);
        if (job->head == HUBER) {
            float c = e < -delta ? -delta : e > delta ? delta : e;
            total += (double)c * (e - c * 0.5f);
            d[k] = c * share;
        } else {
            total += (double)e * e;
            d[k] = e * share;
        }
    }
    return job->head == SUM_SQUARED ? 0.5 * total : total;
}

/* Losses of rows first to end of a batch, and the gradient of its loss by their scores. `picked`
   has the examples of these rows. Without `learning` no gradient is needed. */
static void head_rows(const Job *job, const Layer *last, const int64_t *picked, int64_t first,
                      int64_t end, int64_t batch, int learning) {
    const float share = share_of_row(job, batch);
    const int64_t row = last->row_out;
    if (job->head == SOFTMAX_CROSS_ENTROPY) {
        if (row == LANES) narrow_softmax_rows(job, last, picked, first, end, share, learning);
        else softmax_rows(job, last, picked, first, end, share, learning);
        return;
    }
    for (int64_t i = first; i < end; i++) {
        const float *scores = last->output + i * row;
        float *d = last->output_gradient + i * row;
        job->row_losses[i] = job->head == SIGMOID_CROSS_ENTROPY
                                 ? binary_row(job, scores, d, picked[i - first], share)
                                 : error_row(job, scores, d, picked[i - first], share);
        for (int64_t k = job->outputs; k < row; k++) d[k] = 0;
    }
}

/* The loss of a batch, summed in the order of its rows; infinite where float32 overflows, so that
   a run that diverges ends before its parameters do. */
static double loss_of_batch(const Job *job, int64_t batch) {
    double total = 0;
    for (int64_t i = 0; i < batch; i++) total += job->row_losses[i];
    if (total > FLT_MAX) return INFINITY;
    switch (job->head) {
    case SOFTMAX_CROSS_ENTROPY: return total / batch;
    case SUM_SQUARED: return total;
    default: return total / ((double)batch * job->outputs);
    }
}

/* How many predictions of a row are right: 0 or 1, or the right labels of SIGMOID_CROSS_ENTROPY. A
   row with NaN is never right. */
static int64_t right_in_row(const Job *job, const float *scores, int64_t example) {
    const int64_t outputs = job->outputs;
    if (job->head == SIGMOID_CROSS_ENTROPY) {
        int64_t right = 0;
        for (int64_t k = 0; k < outputs; k++) {
            int yes = target_of(job->data, example, k, outputs) >= 0.5f;
            right += scores[k] == scores[k] && (scores[k] >= 0) == yes;
        }
        return right;
    }
    int64_t best = 0, target = 0;
    for (int64_t k = 0; k < outputs; k++) {
        if (scores[k] != scores[k]) return 0;
        if (scores[k] > scores[best]) best = k;
    }
    if (job->data->labels) target = job->data->labels[example];
    else {
        const float *t = job->data->targets + example * outputs;
        for (int64_t k = 1; k < outputs; k++)
            if (t[k] > t[target]) target = k;
    }
    return best == target;
}

/* The softmax or the sigmoid of a row of scores, in place. */
static void probabilities_of(const Job *job, float *row, int64_t n) {
    if (job->head == SIGMOID_CROSS_ENTROPY) {
        for (int64_t k = 0; k < padded(n); k += LANES) store(row + k, vector_sigmoid(load(row + k)));
        return;
    }
    float top, total = exps_of_row(row, row, n, &top);
    for (int64_t k = 0; k < padded(n); k += LANES) store(row + k, load(row + k) / total);
}
