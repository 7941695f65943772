/* Vectors of 16 floats and their elementary functions. NumPy's twins are in functions/.

   A `lanes` is one AVX-512 register, two of AVX2, or four of SSE and NEON; the compiler splits it. */

#ifndef MITBADAK_VECTOR_H
#define MITBADAK_VECTOR_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels.h"

typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t ilanes __attribute__((vector_size(4 * LANES)));
typedef uint32_t ulanes __attribute__((vector_size(4 * LANES)));
typedef lanes unaligned __attribute__((aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

INLINE lanes load(const float *p) { return *(const unaligned *)p; }

INLINE void store(float *p, lanes x) { *(unaligned *)p = x; }

INLINE lanes all(float x) { return x - (lanes){0}; }

/* `a` where the mask is set, else `b`. */
INLINE lanes choose(ilanes mask, lanes a, lanes b) {
    return (lanes)((mask & (ilanes)a) | (~mask & (ilanes)b));
}

INLINE lanes smaller(lanes a, lanes b) { return choose(a < b, a, b); }

INLINE lanes larger(lanes a, lanes b) { return choose(a > b, a, b); }

INLINE lanes magnitude(lanes x) { return (lanes)((ilanes)x & 0x7fffffff); }

/* Lanes of a and b in another order: lane(i, n) says which comes to place i, those of b after LANES. */
#define SHUFFLED(a, b, lane, n)                                                                   \
    __builtin_shufflevector(a, b, lane(0, n), lane(1, n), lane(2, n), lane(3, n), lane(4, n),     \
                            lane(5, n), lane(6, n), lane(7, n), lane(8, n), lane(9, n),           \
                            lane(10, n), lane(11, n), lane(12, n), lane(13, n), lane(14, n),      \
                            lane(15, n))
#define NEXT(i, n) (((i) + (n)) % LANES)
#define ROTATED(x, n) SHUFFLED(x, x, NEXT, n)

INLINE float largest_lane(lanes x) {
    x = larger(x, ROTATED(x, 8));
    x = larger(x, ROTATED(x, 4));
    x = larger(x, ROTATED(x, 2));
    return larger(x, ROTATED(x, 1))[0];
}

INLINE float sum_of_lanes(lanes x) {
    x += ROTATED(x, 8);
    x += ROTATED(x, 4);
    x += ROTATED(x, 2);
    return (x + ROTATED(x, 1))[0];
}

INLINE lanes root(lanes x) {
    for (int i = 0; i < LANES; i++) x[i] = sqrtf(x[i]);
    return x;
}

/* exp by Cody and Waite's reduction and a polynomial of degree 6: x = n ln 2 + r, |r| <= ln 2 / 2,
   exp(x) = 2^n exp(r), with ln 2 in two parts, so that n ln 2 is exact. The coefficients are those
   of Cephes' expf (Moshier); the error is below one unit in the last place of float32. */
typedef struct {
    lanes power; /* 2^n */
    lanes rest;  /* exp(r) - 1 */
} Split;

INLINE Split split_exp(lanes x) {
    x = choose(x > 88.3f, all(88.3f), x); /* compared so that NaN stays NaN */
    x = choose(x < -87.3f, all(-87.3f), x);
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    lanes n = x * 1.44269504f + shift;
    ulanes whole = (ulanes)n - 0x4b400000u; /* unsigned, since NaN overflows */
    n -= shift;
    lanes r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    lanes p = all(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return (Split){(lanes)((whole + 127u) << 23), p * (r * r) + r};
}

/* 0 and infinity beyond the normal numbers. */
INLINE lanes vector_exp(lanes x) {
    Split s = split_exp(x);
    lanes y = s.power * (s.rest + 1.0f);
    y = choose(x < -87.3f, all(0.0f), y);
    return choose(x > 88.3f, all(INFINITY), y);
}

INLINE lanes vector_expm1(lanes x) {
    Split s = split_exp(x);
    return s.power * s.rest + (s.power - 1.0f);
}

INLINE lanes vector_sigmoid(lanes x) { return 1.0f / (1.0f + vector_exp(-x)); }

/* tanh x = 1 - 2 / (1 + exp 2x); near 0, where that cancels, its series to x^9. */
INLINE lanes vector_tanh(lanes x) {
    lanes far = 1.0f - 2.0f / (1.0f + vector_exp(x * 2.0f));
    lanes square = x * x;
    lanes p = all((float)(62.0 / 2835));
    p = p * square + (float)(-17.0 / 315);
    p = p * square + (float)(2.0 / 15);
    p = p * square + (float)(-1.0 / 3);
    lanes near = p * square * x + x;
    return choose(square < 0.04f, near, far);
}

/* log(1 + u) for 0 <= u <= 1, by 2 artanh(u / (2 + u)) to the 15th power. */
INLINE lanes log_1_plus(lanes u) {
    lanes s = u / (2.0f + u), square = s * s;
    lanes p = all(1.0f / 15);
    p = p * square + 1.0f / 13;
    p = p * square + 1.0f / 11;
    p = p * square + 1.0f / 9;
    p = p * square + 1.0f / 7;
    p = p * square + 1.0f / 5;
    p = p * square + 1.0f / 3;
    return 2.0f * (p * square * s + s);
}

/* log x = n log 2 + log m for x = 2^n m with 1 <= m < 2. For x from 1 on; NaN and infinity stay. */
INLINE lanes vector_log(lanes x) {
    ilanes bits = (ilanes)x;
    lanes n = __builtin_convertvector((bits >> 23) - 127, lanes);
    lanes m = (lanes)((bits & 0x007fffff) | 0x3f800000);
    return choose(x < INFINITY, n * 0.69314718f + log_1_plus(m - 1.0f), x);
}

INLINE lanes vector_softplus(lanes x) {
    lanes above = choose(x < 0.0f, all(0.0f), x);
    return above + log_1_plus(vector_exp(-magnitude(x)));
}

/* The normal distribution function, by erfc(z) = t exp(-z^2 + P(t)) with t = 1 / (1 + z / 2) for
   z = |x| / sqrt 2 (Chebyshev fit with a relative error of 1.2e-7: Press and others, Numerical
   Recipes, section 6.2). z^2 is taken in two parts, of which the first is exact. Below -13.1 the
   function is no normal number, and 0 here. */
INLINE lanes normal_below(lanes x) {
    lanes z = smaller(magnitude(x) * 0.70710678f, all(9.3f));
    lanes t = 1.0f / (1.0f + 0.5f * z);
    lanes p = all(0.17087277f);
    p = p * t - 0.82215223f;
    p = p * t + 1.48851587f;
    p = p * t - 1.13520398f;
    p = p * t + 0.27886807f;
    p = p * t - 0.18628806f;
    p = p * t + 0.09678418f;
    p = p * t + 0.37409196f;
    p = p * t + 1.00002368f;
    p = p * t - 1.26551223f;
    lanes head = (lanes)((ilanes)z & (int32_t)0xfffff000);
    lanes tail = 0.5f * t * vector_exp(-head * head) * vector_exp(p - (z - head) * (z + head));
    lanes below = choose(x < 0.0f, choose(x < -13.1f, all(0.0f), tail), 1.0f - tail);
    return choose(x == x, below, x);
}

INLINE int64_t padded(int64_t n) { return (n + LANES - 1) / LANES * LANES; }

#endif
