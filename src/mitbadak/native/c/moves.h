/* Central differences for the numerical gradient, (L(w + h) - L(w - h)) / 2h, in float64.

   Moving one weight moves one unit for the examples whose input there is not 0, and whatever
   depends on that unit. Close to the scores the formula is rearranged for accuracy: the two losses
   differ by a few small terms, so exp and log are applied to those, as series where they are tiny.
   No derivative is used: a wider step shows the error of its curvature as the definition does.
   NumPy's twin: nn/structured_gradient.py. */

#define SMALL (1.0 / 64) /* below it exp's series to the 7th power is exact: 64^-8 / 8! */
#define TINY 1e-3        /* below it exp's series to the 4th power is: 1e-15 / 5! */
#define NEAR 1e-3        /* below it that of log(1 + r) to the 5th power is: 1e-18 / 6 */

#define EXP_SMALL(u)                                                                              \
    (((((((1.0 / 5040 * (u) + 1.0 / 720) * (u) + 1.0 / 120) * (u) + 1.0 / 24) * (u) + 1.0 / 6) *  \
           (u) + 1.0 / 2) * (u) + 1) * (u) + 1)

#define EXP_TINY(u) ((((1.0 / 24 * (u) + 1.0 / 6) * (u) + 1.0 / 2) * (u) + 1) * (u) + 1)

typedef double doubles __attribute__((vector_size(8 * WIDE)));
typedef doubles unaligned_doubles __attribute__((aligned(8), may_alias));

INLINE doubles load_doubles(const double *p) { return *(const unaligned_doubles *)p; }

INLINE double exp_small(double u) { return EXP_SMALL(u); }

/* sum_k exps[k] exp(by row[k]) for small moves; rows are padded with zeros. */
INLINE double moved_sum(const double *exps, const double *row, double by, int64_t n, int is_tiny) {
    doubles total = {0};
    double sum = 0;
    if (is_tiny)
        for (int64_t k = 0; k < n; k += WIDE) {
            doubles u = load_doubles(row + k) * by;
            total += load_doubles(exps + k) * EXP_TINY(u);
        }
    else
        for (int64_t k = 0; k < n; k += WIDE) {
            doubles u = load_doubles(row + k) * by;
            total += load_doubles(exps + k) * EXP_SMALL(u);
        }
    for (int i = 0; i < WIDE; i++) sum += total[i];
    return sum;
}

INLINE double log_ratio(double a, double b) {
    double r = (a - b) / b;
    if (!(fabs(r) < NEAR)) return log(a / b);
    return r * (1 - r * (1.0 / 2 - r * (1.0 / 3 - r * (1.0 / 4 - r / 5))));
}

static double log_sum_exp(const double *scores, const double *row, double by, int64_t n) {
    double top = -INFINITY, total = 0;
    for (int64_t k = 0; k < n; k++) top = fmax(top, scores[k] + by * row[k]);
    for (int64_t k = 0; k < n; k++) total += exp(scores[k] + by * row[k] - top);
    return top + log(total);
}

static double activation_at(int64_t kind, double setting, double x) {
    double e;
    switch (kind) {
    case SIGMOID:
        e = exp(-fabs(x));
        return (x >= 0 ? 1.0 : e) / (1 + e);
    case TANH: return tanh(x);
    case RELU: return x < 0 ? 0 : x;
    case LEAKY_RELU: return x > 0 ? x : x * setting;
    case ELU: return x > 0 ? x : expm1(x) * setting;
    case GELU: return x * (0.5 * erfc(-x * 0.70710678118654752440));
    case SILU:
        e = exp(-fabs(x));
        return x * ((x >= 0 ? 1.0 : e) / (1 + e));
    case SOFTPLUS: return (x < 0 ? 0 : x) + log1p(exp(-fabs(x)));
    default: return x;
    }
}

/* An example's loss, without the factor of the mean. */
static double example_loss(const Moves *job, const double *scores, const double *t) {
    double total = 0;
    if (job->head == SOFTMAX_CROSS_ENTROPY) {
        double top = -INFINITY, sum = 0, weight = 0, along = 0;
        for (int64_t k = 0; k < job->classes; k++) top = fmax(top, scores[k]);
        for (int64_t k = 0; k < job->classes; k++) {
            sum += exp(scores[k] - top);
            weight += t[k];
            along += t[k] == 0 ? 0 : t[k] * (scores[k] - top);
        }
        if (job->epsilon == 0) return weight * log(sum) - along;
        double loss = 0;
        for (int64_t k = 0; k < job->classes; k++)
            if (t[k] != 0) loss -= t[k] * log(exp(scores[k] - top) / sum + job->epsilon);
        return loss;
    }
    for (int64_t k = 0; k < job->classes; k++) {
        double s = scores[k], e = s - t[k];
        if (job->head == SIGMOID_CROSS_ENTROPY) {
            if (isinf(s)) total += (s > 0 ? 1 - t[k] : t[k]) > 0 ? INFINITY : 0;
            else total += (s < 0 ? 0 : s) - s * t[k] + log1p(exp(-fabs(s)));
        } else if (job->head == HUBER) {
            double c = fmin(fmax(e, -job->head_setting), job->head_setting);
            total += c * (e - c / 2);
        } else total += e * e;
    }
    return job->head == SUM_SQUARED ? total / 2 : total;
}

/* The scores of example i when the unit's output before its activation is shifted by `by`. */
static const double *moved_scores(const Moves *job, int64_t i, double by, double *room) {
    const Stage *stage = job->stages + job->number;
    const int64_t last = job->stage_count - 1, n = stage->n_out;
    double z = stage->outputs[i * n + job->unit];
    if (job->number == last) {
        for (int64_t k = 0; k < n; k++) room[k] = stage->outputs[i * n + k];
        room[job->unit] += by;
        for (int64_t k = 0; k < n; k++)
            room[k] = activation_at(stage->activation, stage->setting, room[k]);
        return room;
    }
    double change = activation_at(stage->activation, stage->setting, z + by) -
                    activation_at(stage->activation, stage->setting, z);
    double *from = room, *to = room + (job->scratch_size - job->exp_row) / 2;
    const Stage *next = stage + 1;
    for (int64_t k = 0; k < next->n_out; k++)
        from[k] = next->outputs[i * next->n_out + k] +
                  change * next->weights[job->unit * next->n_out + k];
    for (int64_t number = job->number + 1;; number++, next++) {
        for (int64_t k = 0; k < next->n_out; k++)
            from[k] = activation_at(next->activation, next->setting, from[k]);
        if (number == last) return from;
        const Stage *after = next + 1;
        for (int64_t k = 0; k < after->n_out; k++)
            to[k] = after->outputs[i * after->n_out + k];
        for (int64_t j = 0; j < next->n_out; j++) { /* only what has changed moves the next layer */
            double before = activation_at(next->activation, next->setting,
                                          next->outputs[i * next->n_out + j]);
            double moved = from[j] - before;
            if (moved == 0) continue;
            for (int64_t k = 0; k < after->n_out; k++)
                to[k] += moved * after->weights[j * after->n_out + k];
        }
        double *swap = from;
        from = to, to = swap;
    }
}

/* The same for -t_k log(p_k + epsilon), which is t_k (log S - log(e_k + epsilon S)) for p = e / S. */
INLINE double guarded_difference(double t, double own_up, double own_down, double up, double down,
                                 double epsilon) {
    return t * (log_ratio(up, down) - log_ratio(own_up + epsilon * up, own_down + epsilon * down));
}

/* Scores that are shifted far: the two losses one by one. */
static double far_difference(const Moves *job, int64_t i, const double *row, double up, double down,
                             double *room) {
    const int64_t n = job->classes;
    const double *scores = job->scores + i * n, *t = job->targets + i * n;
    for (int64_t k = 0; k < n; k++) room[k] = scores[k] + up * row[k];
    double above = example_loss(job, room, t);
    for (int64_t k = 0; k < n; k++) room[k] = scores[k] + down * row[k];
    return above - example_loss(job, room, t);
}

/* The difference of two losses when the scores move along `row` by `up` and by `down`. */
INLINE double difference_along(const Moves *job, int64_t i, const double *row, double widest,
                               double up, double down, double *room) {
    const int64_t n = job->classes;
    const double *scores = job->scores + i * n, *t = job->targets + i * n;
    const double farthest = widest * fmax(fabs(up), fabs(down));
    const int is_tiny = farthest <= TINY;
    if (job->head == SOFTMAX_CROSS_ENTROPY && job->epsilon != 0) {
        if (!(farthest <= SMALL))
            return far_difference(job, i, row, up, down, room);
        const double *exps = job->exps + i * job->exp_row;
        const double above = moved_sum(exps, row, up, n, is_tiny);
        const double below = moved_sum(exps, row, down, n, is_tiny);
        double total = 0;
        for (int64_t k = 0; k < n; k++)
            if (t[k] != 0)
                total += guarded_difference(t[k], exps[k] * exp_small(up * row[k]),
                                            exps[k] * exp_small(down * row[k]), above, below,
                                            job->epsilon);
        return total;
    }
    if (job->head == SOFTMAX_CROSS_ENTROPY) {
        double change, along = 0;
        if (farthest <= SMALL) {
            const double *exps = job->exps + i * job->exp_row;
            change = log_ratio(moved_sum(exps, row, up, n, is_tiny),
                               moved_sum(exps, row, down, n, is_tiny));
        } else change = log_sum_exp(scores, row, up, n) - log_sum_exp(scores, row, down, n);
        for (int64_t k = 0; k < n; k++) along += t[k] * row[k];
        return job->target_sums[i] * change - (up - down) * along;
    }
    double total = 0;
    for (int64_t k = 0; k < n; k++) {
        double a = up * row[k], b = down * row[k];
        total += (a - b) * (2 * (scores[k] - t[k]) + a + b);
    }
    return job->head == SUM_SQUARED ? total / 2 : total;
}

/* The same if only the unit's own score moves. */
INLINE double difference_of_one(const Moves *job, int64_t i, double by, double *room) {
    const int64_t n = job->classes;
    const double *scores = job->scores + i * n;
    const double target = job->targets[i * n + job->unit];
    if (job->head != SOFTMAX_CROSS_ENTROPY)
        return (job->head == SUM_SQUARED ? 2 : 4) * by * (scores[job->unit] - target);
    const double own = job->exps[i * job->exp_row + job->unit], sum = job->exp_sums[i];
    double up, down;
    if (job->epsilon != 0) {
        const double *t = job->targets + i * n, *exps = job->exps + i * job->exp_row;
        if (!(fabs(by) <= SMALL)) {
            double above;
            for (int64_t k = 0; k < n; k++) room[k] = scores[k] + (k == job->unit ? by : 0);
            above = example_loss(job, room, t);
            room[job->unit] = scores[job->unit] - by;
            return above - example_loss(job, room, t);
        }
        const double own_up = own * exp_small(by), own_down = own * exp_small(-by);
        const double above = sum + own * (exp_small(by) - 1), below = sum + own * (exp_small(-by) - 1);
        double total = 0;
        for (int64_t k = 0; k < n; k++)
            if (t[k] != 0)
                total += guarded_difference(t[k], k == job->unit ? own_up : exps[k],
                                            k == job->unit ? own_down : exps[k], above, below,
                                            job->epsilon);
        return total;
    }
    if (fabs(by) <= SMALL) {
        up = exp_small(by) - 1;
        down = exp_small(-by) - 1;
        return job->target_sums[i] * log_ratio(sum + own * up, sum + own * down) -
               2 * by * target;
    }
    double tops[2];
    for (int sign = 0; sign < 2; sign++) {
        double shift = sign ? -by : by, top = -INFINITY, total = 0;
        for (int64_t k = 0; k < n; k++)
            top = fmax(top, scores[k] + (k == job->unit ? shift : 0));
        for (int64_t k = 0; k < n; k++)
            total += exp(scores[k] + (k == job->unit ? shift : 0) - top);
        tops[sign] = top + log(total);
    }
    return job->target_sums[i] * (tops[0] - tops[1]) - 2 * by * target;
}

static double slopes(void *address, int64_t part) {
    Moves *job = address;
    const Stage *stage = job->stages + job->number, *final = job->stages + job->stage_count - 1;
    const int64_t layers_after = job->stage_count - 1 - job->number;
    const int is_direct = final->activation == IDENTITY &&
                          job->head != SIGMOID_CROSS_ENTROPY && job->head != HUBER;
    const int64_t begin = job->moves * part / job->parts, end = job->moves * (part + 1) / job->parts;
    double *room = job->scratch + part * job->scratch_size, widest = 0, rest = 0, z_minus = 0;
    const double *row = layers_after == 1 ? room : NULL; /* the unit's weights, padded */
    if (row)
        for (int64_t k = 0; k < job->exp_row; k++) {
            room[k] = k < job->classes ? final->weights[job->unit * job->classes + k] : 0;
            widest = fmax(widest, fabs(room[k]));
        }
    double *further = room + job->exp_row;
    int64_t known = -1;
    for (int64_t m = begin; m < end; m++) {
        const int64_t i = job->examples[m];
        const double by = job->by[m];
        double change;
        if (is_direct && layers_after == 0) change = difference_of_one(job, i, by, further);
        else if (is_direct && row) {
            const double z = stage->outputs[i * stage->n_out + job->unit];
            double up, down;
            if (i != known) { /* the moves of an example follow one another */
                known = i;
                rest = activation_at(stage->activation, stage->setting, z);
                z_minus = exp(-z);
            }
            if (stage->activation == SIGMOID && fabs(by) <= SMALL) {
                up = 1 / (1 + z_minus * exp_small(-by)) - rest;
                down = 1 / (1 + z_minus * exp_small(by)) - rest;
            } else {
                up = activation_at(stage->activation, stage->setting, z + by) - rest;
                down = activation_at(stage->activation, stage->setting, z - by) - rest;
            }
            change = difference_along(job, i, row, widest, up, down, further);
        } else {
            const double *t = job->targets + i * job->classes;
            double above = example_loss(job, moved_scores(job, i, by, further), t);
            change = above - example_loss(job, moved_scores(job, i, -by, further), t);
        }
        job->slopes[m] = change * job->factor / (2 * job->h);
    }
    return 0;
}
