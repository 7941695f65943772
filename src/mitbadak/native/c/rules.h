/* Update rules, penalties and clipping: vector operations over the flat arrays.

   NumPy's twins: optim/rules.py and optim/transforms.py. A row of rates has four numbers for each
   rule: the learning rate, 1 - beta1^k, sqrt(1 - beta2^k), and the share by which decoupled decay
   shrinks parameters first. */

/* Sum of squares of each chunk of gradients that belongs to this part. */
static void sum_squares(const Job *job, int64_t part) {
    for (int64_t c = part; c * CHUNK < job->size; c += job->parts) {
        int64_t end = (c + 1) * CHUNK < job->size ? (c + 1) * CHUNK : job->size;
        lanes total = all(0);
        for (int64_t k = c * CHUNK; k < end; k += LANES) {
            lanes g = load(job->gradients + k);
            total += g * g;
        }
        double sum = 0;
        for (int i = 0; i < LANES; i++) sum += total[i];
        job->chunk_sums[c] = sum;
    }
}

static double total_of_chunks(const Job *job) {
    double total = 0;
    for (int64_t c = 0; c * CHUNK < job->size; c++) total += job->chunk_sums[c];
    return total;
}

/* x, or 0 where it is no normal number: what decays without a gradient, as of a dead unit, would stay
   the smallest number for ever, and a processor takes a hundred times as long over such numbers. */
INLINE lanes settled(lanes x) { return choose(magnitude(x) < FLT_MIN, all(0), x); }

/* The loop of one rule over entries k; g is the gradient, p the parameters. */
#define EACH(body)                                                                                \
    for (int64_t k = first; k < last; k += LANES) {                                               \
        lanes g = load(job->gradients + k), p = load(job->parameters + k);                        \
        (void)g, (void)p;                                                                         \
        body;                                                                                     \
    }                                                                                             \
    return;

static void apply_rule(const Job *job, const Change *change, const double *rates, int64_t first,
                       int64_t last) {
    const float lr = (float)rates[RATE], decay = (float)change->decay;
    const float decay2 = (float)change->second_decay, eps = (float)change->epsilon;
    float *one = job->state, *two = job->state + job->size;
    if (rates[SHRINK] != 0) {
        const float keep = (float)(1 - rates[SHRINK]);
        for (int64_t k = first; k < last; k += LANES)
            store(job->parameters + k, load(job->parameters + k) * keep);
    }
    switch (change->rule) {
    case SGD: EACH(store(job->parameters + k, p - lr * g))
    case MOMENTUM:
        EACH(lanes v = settled(decay * load(one + k) - lr * g); store(one + k, v);
             store(job->parameters + k, p + v))
    case NESTEROV:
        EACH(lanes pull = lr * g; lanes v = settled(decay * load(one + k) - pull); store(one + k, v);
             store(job->parameters + k, p - (pull - decay * v)))
    case ADAGRAD:
        EACH(lanes h = load(one + k) + g * g; store(one + k, h);
             store(job->parameters + k, p - lr * g / (root(h) + eps)))
    case RMSPROP:
        EACH(lanes v = settled(decay * load(one + k) + (1.0f - decay) * (g * g)); store(one + k, v);
             store(job->parameters + k, p - lr * g / (root(v) + eps)))
    case ADAM: {
        const float rate = (float)(rates[RATE] / rates[BIAS]), inverse = (float)(1 / rates[ROOT]);
        const float rest = (float)(1 - change->decay), rest2 = (float)(1 - change->second_decay);
        EACH(lanes m = settled(decay * load(one + k) + rest * g);
             lanes v = settled(decay2 * load(two + k) + rest2 * (g * g)); store(one + k, m);
             store(two + k, v);
             store(job->parameters + k, p - rate * m / (root(v) * inverse + eps)))
    }
    case LION:
        EACH(lanes m = load(one + k); lanes direction = decay * m + (1.0f - decay) * g;
             store(one + k, settled(decay2 * m + (1.0f - decay2) * g));
             lanes sign = choose(direction > 0.0f, all(1), choose(direction < 0.0f, all(-1), direction));
             store(job->parameters + k, p - lr * sign))
    default: return;
    }
}

static void apply_change(const Job *job, const Change *change, const double *rates, double norm,
                         int64_t first, int64_t last) {
    const float strength = (float)change->strength;
    switch (change->kind) {
    case PENALTY_L2: EACH(store(job->gradients + k, g + strength * p))
    case PENALTY_L1:
        EACH(lanes sign = choose(p > 0.0f, all(1), choose(p < 0.0f, all(-1), p));
             store(job->gradients + k, g + strength * sign))
    case CLIP_VALUE:
        EACH(g = choose(g < -strength, all(-strength), g); g = choose(g > strength, all(strength), g);
             store(job->gradients + k, g))
    case CLIP_NORM:
        if (norm > change->strength) {
            const float factor = (float)(change->strength / norm);
            EACH(store(job->gradients + k, g * factor))
        }
        return;
    default: apply_rule(job, change, rates + change->rate, first, last);
    }
}
