/* Activations, elementwise: y = f(x), and the slope f'(x) by which backward multiplies.

   NumPy's twin: functions/activations.py. Where the slope follows from y, nothing else is kept;
   those in OWN_SLOPES of native/support.py keep their slopes. */

/* GELU: x Phi(x), with slope Phi(x) + x phi(x). */
INLINE lanes gelu(lanes x, lanes *slope) {
    lanes below = normal_below(x);
    lanes near = smaller(larger(x, all(-40.0f)), all(40.0f));
    *slope = below + x * (vector_exp(near * near * -0.5f) * 0.39894228f);
    return x * below;
}

/* SiLU: x s, with slope s (1 + x (1 - s)) for s = sigmoid(x). */
INLINE lanes silu(lanes x, lanes *slope) {
    lanes s = vector_sigmoid(x);
    *slope = s * (1.0f + x * (1.0f - s));
    return x * s;
}

/* y = f(x) for n floats, a multiple of LANES; x and y may be the same array. */
static void activate(int64_t kind, float setting, const float *x, float *y, float *slopes,
                     int64_t n) {
    lanes ignored;
    switch (kind) {
    case SIGMOID:
        for (int64_t k = 0; k < n; k += LANES) store(y + k, vector_sigmoid(load(x + k)));
        return;
    case TANH:
        for (int64_t k = 0; k < n; k += LANES) store(y + k, vector_tanh(load(x + k)));
        return;
    case RELU: /* NaN stays */
        for (int64_t k = 0; k < n; k += LANES) {
            lanes v = load(x + k);
            store(y + k, choose(v < 0.0f, all(0.0f), v));
        }
        return;
    case LEAKY_RELU:
        for (int64_t k = 0; k < n; k += LANES) {
            lanes v = load(x + k);
            store(y + k, choose(v > 0.0f, v, v * setting));
        }
        return;
    case ELU:
        for (int64_t k = 0; k < n; k += LANES) {
            lanes v = load(x + k);
            store(y + k, choose(v > 0.0f, v, vector_expm1(v) * setting));
        }
        return;
    case GELU:
        for (int64_t k = 0; k < n; k += LANES) {
            lanes v = gelu(load(x + k), &ignored);
            if (slopes) store(slopes + k, ignored);
            store(y + k, v);
        }
        return;
    case SILU:
        for (int64_t k = 0; k < n; k += LANES) {
            lanes v = silu(load(x + k), &ignored);
            if (slopes) store(slopes + k, ignored);
            store(y + k, v);
        }
        return;
    case SOFTPLUS:
        for (int64_t k = 0; k < n; k += LANES) store(y + k, vector_softplus(load(x + k)));
        return;
    default:
        if (x != y) memcpy(y, x, 4 * n);
    }
}

/* d <- d f'(x), given y or the slopes that were kept. */
static void multiply_by_slope(int64_t kind, float setting, float *d, const float *y,
                              const float *slopes, int64_t n) {
    switch (kind) {
    case SIGMOID:
        for (int64_t k = 0; k < n; k += LANES) {
            lanes v = load(y + k);
            store(d + k, load(d + k) * (v * (1.0f - v)));
        }
        return;
    case TANH:
        for (int64_t k = 0; k < n; k += LANES) {
            lanes v = load(y + k);
            store(d + k, load(d + k) * (1.0f - v * v));
        }
        return;
    case RELU:
        for (int64_t k = 0; k < n; k += LANES)
            store(d + k, choose(load(y + k) > 0.0f, load(d + k), all(0.0f)));
        return;
    case LEAKY_RELU:
        for (int64_t k = 0; k < n; k += LANES) {
            lanes v = load(d + k);
            store(d + k, choose(load(y + k) > 0.0f, v, v * setting));
        }
        return;
    case ELU: /* alpha exp(x) = y + alpha */
        for (int64_t k = 0; k < n; k += LANES) {
            lanes v = load(d + k), at = load(y + k);
            store(d + k, choose(at > 0.0f, v, v * (at + setting)));
        }
        return;
    case GELU:
    case SILU:
        for (int64_t k = 0; k < n; k += LANES) store(d + k, load(d + k) * load(slopes + k));
        return;
    case SOFTPLUS: /* sigmoid(x) = 1 - exp(-y) */
        for (int64_t k = 0; k < n; k += LANES)
            store(d + k, load(d + k) * -vector_expm1(-load(y + k)));
        return;
    default:
        return;
    }
}
