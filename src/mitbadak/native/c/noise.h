/* Random numbers for Dropout: identical to those of numpy.random.default_rng((seed, step)).

   SeedSequence and PCG64 (O'Neill, PCG: a family of simple fast space-efficient statistically good
   algorithms for random number generation, 2014) as NumPy defines them. A generator can be moved
   ahead in O(log n), so that every thread draws for its own rows.
   NumPy's twin: nn/dropout.py. */

typedef unsigned __int128 Wide;

typedef struct {
    Wide state;
    Wide increment;
} Generator;

#define MULTIPLIER (((Wide)0x2360ED051FC65DA4u << 64) | 0x4385DF649FCCF645u)

INLINE uint32_t hashed(uint32_t value, uint32_t *constant, uint32_t factor) {
    value ^= *constant;
    *constant *= factor;
    value *= *constant;
    return value ^ value >> 16;
}

INLINE uint32_t mixed(uint32_t x, uint32_t y) {
    uint32_t result = 0xca01f9ddu * x - 0x4973f715u * y;
    return result ^ result >> 16;
}

static Generator generator_of(uint64_t seed, uint64_t step) {
    uint32_t entropy[4] = {0}, pool[4], constant = 0x43b0d7e5u;
    int n = 0;
    entropy[n++] = (uint32_t)seed;
    if (seed >> 32) entropy[n++] = (uint32_t)(seed >> 32);
    entropy[n++] = (uint32_t)step;
    if (step >> 32) entropy[n++] = (uint32_t)(step >> 32);
    for (int i = 0; i < 4; i++) pool[i] = hashed(entropy[i], &constant, 0x931e8875u);
    for (int from = 0; from < 4; from++)
        for (int to = 0; to < 4; to++)
            if (from != to) pool[to] = mixed(pool[to], hashed(pool[from], &constant, 0x931e8875u));
    uint64_t words[4];
    constant = 0x8b51f9ddu;
    for (int i = 0; i < 4; i++) {
        uint64_t low = hashed(pool[2 * i % 4], &constant, 0x58f38dedu);
        uint64_t high = hashed(pool[(2 * i + 1) % 4], &constant, 0x58f38dedu);
        words[i] = low | high << 32;
    }
    Generator g = {0, ((Wide)words[2] << 64 | words[3]) << 1 | 1};
    g.state = g.increment + ((Wide)words[0] << 64 | words[1]);
    g.state = g.state * MULTIPLIER + g.increment;
    return g;
}

static void skip(Generator *g, uint64_t count) {
    Wide factor = 1, sum = 0, f = MULTIPLIER, s = g->increment;
    for (; count; count >>= 1) {
        if (count & 1) {
            factor *= f;
            sum = sum * f + s;
        }
        s = (f + 1) * s;
        f *= f;
    }
    g->state = factor * g->state + sum;
}

INLINE uint64_t next_64(Generator *g) {
    g->state = g->state * MULTIPLIER + g->increment;
    uint64_t mixed_halves = (uint64_t)(g->state >> 64) ^ (uint64_t)g->state;
    int turn = (int)(g->state >> 122);
    return mixed_halves >> turn | mixed_halves << (-turn & 63);
}

/* A mask for rows first to last of `n` columns: 0 where a number in [0, 1) is below `rate`, else
   `kept`. The numbers before these have the count `before`; two come from every 64 bits. */
static void draw_mask(const Job *job, int64_t step, int64_t before, float rate, float kept,
                      float *mask, int64_t row, int64_t n, int64_t first, int64_t last) {
    Generator g = generator_of((uint64_t)job->seed, (uint64_t)(job->first_step + step));
    uint64_t position = (uint64_t)(before + first * n);
    skip(&g, position / 2);
    uint64_t bits = position % 2 ? next_64(&g) : 0;
    int half = position % 2 ? 1 : 0;
    for (int64_t i = first; i < last; i++)
        for (int64_t k = 0; k < n; k++) {
            if (!half) bits = next_64(&g);
            uint32_t word = half ? (uint32_t)(bits >> 32) : (uint32_t)bits;
            half = !half;
            mask[i * row + k] = (float)(word >> 8) * (1.0f / 16777216.0f) >= rate ? kept : 0.0f;
        }
}
