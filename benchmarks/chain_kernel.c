/* The yardstick: the interaction chain as fast as we can write it by hand, with AVX-512 intrinsics.
 *
 * Eight replicas a vector, two vectors interleaved; draws of 16 steps made ahead by Philox4x32-10; odds form:
 * odds w/(1-w) = f 2^(128 e) and a_h = exp(2 x_h/sigma^2) are kept beside the memory, so that a step needs one
 * exponential (of the new element) and no logarithm. The odds form needs sigma >= 0.19 (exp must not overflow).
 * r = 1 has a loop of its own, r = 5 and r = 10 are compiled in; others are refused.
 *
 * gcc -O3 -march=native -fPIC -shared chain_kernel.c -o libchain.so -lmvec -lm
 */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define LANES 8
#define GROUPS 2
#define AHEAD 16

typedef __m512d Doubles;
typedef __m512i Words;

/* glibc's vector mathematics (libmvec) */
Doubles _ZGVeN8v_exp(Doubles);
Doubles _ZGVeN8v_log(Doubles);

#define all(x) _mm512_set1_pd(x)
#define fma_pd _mm512_fmadd_pd

/* ------------------------------------------------------------------ draws */

typedef struct { Words k0[10], k1[10]; } Keys;

static void schedule_keys(Keys *keys, uint32_t seed, long replica) {
    Words k0 = _mm512_set1_epi64(seed);
    Words k1 = _mm512_add_epi64(_mm512_set1_epi64(replica), _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
    for (int round = 0; round < 10; round++) {
        keys->k0[round] = k0;
        keys->k1[round] = k1;
        k0 = _mm512_add_epi64(k0, _mm512_set1_epi64(0x9E3779B9));
        k1 = _mm512_add_epi64(k1, _mm512_set1_epi64(0xBB67AE85));
    }
}

/* 32-bit words in 64-bit slots, whose upper halves hold rubbish */
INLINE void philox(Words c[4], const Keys *keys) {
    const Words m0 = _mm512_set1_epi64(0xD2511F53), m1 = _mm512_set1_epi64(0xCD9E8D57);
    #pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        Words p0 = _mm512_mul_epu32(c[0], m0), p1 = _mm512_mul_epu32(c[2], m1);
        c[0] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), c[1], keys->k0[round], 0x96);
        c[1] = p1;
        c[2] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), c[3], keys->k1[round], 0x96);
        c[3] = p0;
    }
}

INLINE void block(Words c[4], uint32_t index, uint32_t purpose, const Keys *keys) {
    c[0] = _mm512_set1_epi64(index);
    c[1] = _mm512_setzero_si512();
    c[2] = _mm512_set1_epi64(purpose);
    c[3] = _mm512_setzero_si512();
    philox(c, keys);
}

INLINE Doubles uniform(Words high, Words low) {
    Words both = _mm512_or_si512(_mm512_slli_epi64(high, 32), _mm512_and_si512(low, _mm512_set1_epi64(0xffffffff)));
    return _mm512_mul_pd(_mm512_add_pd(_mm512_cvtepu64_pd(_mm512_srli_epi64(both, 12)), all(0.5)), all(0x1p-52));
}

/* sine and cosine of 2 pi u, by Taylor's series on an eighth of a turn */
INLINE void sin_cos_turns(Doubles u, Doubles *sine, Doubles *cosine) {
    static const double S[] = {-7.6471637318198164759e-13, 1.6059043836821614599e-10, -2.5052108385441718775e-08,
                               2.7557319223985890653e-06,  -1.9841269841269841270e-04, 8.3333333333333333333e-03,
                               -1.6666666666666666667e-01};
    static const double C[] = {4.7794773323873852974e-14,  -1.1470745597729724714e-11, 2.0876756987868098979e-09,
                               -2.7557319223985890653e-07, 2.4801587301587301587e-05,  -1.3888888888888888889e-03,
                               4.1666666666666666667e-02,  -0.5};
    Doubles quarter = _mm512_roundscale_pd(_mm512_mul_pd(u, all(4)), 0x08);
    Doubles x = _mm512_mul_pd(_mm512_fnmadd_pd(quarter, all(0.25), u), all(2 * M_PI)), z = _mm512_mul_pd(x, x);
    Doubles p = all(S[0]), q = all(C[0]);
    for (int i = 1; i < 7; i++) p = fma_pd(p, z, all(S[i]));
    for (int i = 1; i < 8; i++) q = fma_pd(q, z, all(C[i]));
    Doubles s = fma_pd(_mm512_mul_pd(x, z), p, x), c = fma_pd(z, q, all(1));
    Words n = _mm512_cvtpd_epi64(quarter), one = _mm512_set1_epi64(1), two = _mm512_set1_epi64(2);
    __mmask8 swapped = _mm512_test_epi64_mask(n, one), minus_s = _mm512_test_epi64_mask(n, two);
    __mmask8 minus_c = _mm512_test_epi64_mask(_mm512_add_epi64(n, one), two);
    Doubles s1 = _mm512_mask_mov_pd(s, swapped, c), c1 = _mm512_mask_mov_pd(c, swapped, s), zero = _mm512_setzero_pd();
    *sine = _mm512_mask_sub_pd(s1, minus_s, zero, s1);
    *cosine = _mm512_mask_sub_pd(c1, minus_c, zero, c1);
}

INLINE void normal_pair(uint32_t index, uint32_t purpose, const Keys *keys, Doubles *even, Doubles *odd) {
    Words c[4];
    Doubles sine, cosine;
    block(c, index, purpose, keys);
    Doubles radius = _mm512_sqrt_pd(_mm512_mul_pd(all(-2), _ZGVeN8v_log(uniform(c[0], c[1]))));
    sin_cos_turns(uniform(c[2], c[3]), &sine, &cosine);
    *even = _mm512_mul_pd(radius, cosine);
    *odd = _mm512_mul_pd(radius, sine);
}

typedef struct {
    Doubles u[AHEAD], noise[AHEAD], growth[AHEAD]; /* sigma z, and exp(2 z / sigma) */
    int64_t receiver[AHEAD][LANES], sender[AHEAD][LANES];
} Draws;

INLINE void draw_ahead(Draws *draws, const Keys *keys, uint32_t step, int m, int stride, double sigma, int with_growth) {
    const Words vm = _mm512_set1_epi64(m), vs = _mm512_set1_epi64(stride);
    for (int t = 0; t < AHEAD; t++) {
        Words c[4];
        block(c, step + t, 0, keys);
        _mm512_storeu_si512(draws->receiver[t], _mm512_mul_epu32(_mm512_srli_epi64(_mm512_mul_epu32(c[0], vm), 32), vs));
        _mm512_storeu_si512(draws->sender[t], _mm512_mul_epu32(_mm512_srli_epi64(_mm512_mul_epu32(c[1], vm), 32), vs));
        draws->u[t] = uniform(c[2], c[3]);
    }
    for (int t = 0; t < AHEAD; t += 2) {
        Doubles z[2];
        normal_pair((step + t) / 2, 1, keys, z, z + 1);
        for (int q = 0; q < 2; q++) {
            draws->noise[t + q] = _mm512_mul_pd(z[q], all(sigma));
            draws->growth[t + q] = _mm512_mul_pd(z[q], all(2 / sigma));
        }
    }
    if (with_growth)
        for (int t = 0; t < AHEAD; t++) draws->growth[t] = _ZGVeN8v_exp(draws->growth[t]);
}

/* ------------------------------------------------------------------ r > 1 */

INLINE void transpose(Doubles a[8]) {
    Doubles t[8], u[8];
    for (int i = 0; i < 4; i++) {
        t[2 * i] = _mm512_unpacklo_pd(a[2 * i], a[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_pd(a[2 * i], a[2 * i + 1]);
    }
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            u[4 * i + j] = _mm512_shuffle_f64x2(t[4 * i + j], t[4 * i + j + 2], 0x88);
            u[4 * i + j + 2] = _mm512_shuffle_f64x2(t[4 * i + j], t[4 * i + j + 2], 0xdd);
        }
    for (int i = 0; i < 4; i++) {
        a[i] = _mm512_shuffle_f64x2(u[i], u[i + 4], 0x88);
        a[i + 4] = _mm512_shuffle_f64x2(u[i], u[i + 4], 0xdd);
    }
}

/* keep f within [2^-512, 2^512], moving 2^128 between it and e */
INLINE void renormalise(Doubles *f, Doubles *e) {
    const Doubles zero = _mm512_setzero_pd();
    __mmask8 negative = _mm512_cmp_pd_mask(*e, zero, _CMP_LT_OQ), positive = _mm512_cmp_pd_mask(*e, zero, _CMP_GT_OQ);
    __mmask8 up = _mm512_cmp_pd_mask(*f, all(0x1p512), _CMP_GT_OQ) | _mm512_mask_cmp_pd_mask(negative, *f, all(0x1p-320), _CMP_GT_OQ);
    __mmask8 down = _mm512_cmp_pd_mask(*f, all(0x1p-512), _CMP_LT_OQ) | _mm512_mask_cmp_pd_mask(positive, *f, all(0x1p320), _CMP_LT_OQ);
    *f = _mm512_mask_mul_pd(*f, up, *f, all(0x1p-128));
    *e = _mm512_mask_add_pd(*e, up, *e, all(1));
    *f = _mm512_mask_mul_pd(*f, down, *f, all(0x1p128));
    *e = _mm512_mask_sub_pd(*e, down, *e, all(1));
}

/* one step of 8 replicas; an agent's record is x[r], f, e, a[r], padded to a multiple of 8 doubles */
INLINE void step_group(const int r, double *records, long lane, const Draws *draws, int t, Doubles plus_growth, Doubles minus_growth) {
    const int n_vectors = (2 * r + 2 + 7) / 8;
    const int64_t *receiver = draws->receiver[t], *sender = draws->sender[t];
    double *record[LANES];
    for (int l = 0; l < LANES; l++) record[l] = records + l * lane + receiver[l];
    #define FROM(l) records[l * lane + sender[l] + r]
    Doubles sender_odds = _mm512_set_pd(FROM(7), FROM(6), FROM(5), FROM(4), FROM(3), FROM(2), FROM(1), FROM(0));
    #undef FROM
    Doubles u = draws->u[t];
    __mmask8 plus = _mm512_cmp_pd_mask(u, _mm512_mul_pd(sender_odds, _mm512_sub_pd(all(1), u)), _CMP_LT_OQ);
    Doubles y = _mm512_add_pd(draws->noise[t], _mm512_mask_mov_pd(all(-1), plus, all(1)));
    Doubles a_y = _mm512_mul_pd(draws->growth[t], _mm512_mask_mov_pd(minus_growth, plus, plus_growth));
    Doubles x[32];
    for (int z = 0; z < n_vectors; z++) {
        for (int l = 0; l < LANES; l++) x[8 * z + l] = _mm512_load_pd(record[l] + 8 * z);
        transpose(x + 8 * z);
    }
    Doubles largest = _mm512_abs_pd(_mm512_sub_pd(x[0], y));
    Words farthest = _mm512_setzero_si512();
    for (int h = 1; h < r; h++) {
        Doubles distance = _mm512_abs_pd(_mm512_sub_pd(x[h], y));
        __mmask8 farther = _mm512_cmp_pd_mask(distance, largest, _CMP_GT_OQ);
        largest = _mm512_max_pd(largest, distance);
        farthest = _mm512_mask_mov_epi64(farthest, farther, _mm512_set1_epi64(h));
    }
    Doubles f = x[r], e = x[r + 1], above = _mm512_setzero_pd(), below = above;
    for (int h = 0; h < r; h++) {
        Doubles a = _mm512_mask_mov_pd(x[r + 2 + h], _mm512_cmpeq_epi64_mask(farthest, _mm512_set1_epi64(h)), a_y);
        Doubles odds = _mm512_mul_pd(f, a), p = _mm512_div_pd(all(1), _mm512_add_pd(all(1), odds));
        below = _mm512_add_pd(below, p);
        above = fma_pd(odds, p, above);
    }
    f = _mm512_div_pd(above, below);
    renormalise(&f, &e);
    double ys[8], as[8], fs[8], es[8];
    int64_t hs[8];
    _mm512_storeu_pd(ys, y);
    _mm512_storeu_pd(as, a_y);
    _mm512_storeu_pd(fs, f);
    _mm512_storeu_pd(es, e);
    _mm512_storeu_si512(hs, farthest);
    for (int l = 0; l < LANES; l++) {
        double *p = record[l];
        p[hs[l]] = ys[l];
        p[r + 2 + hs[l]] = as[l];
        p[r] = fs[l];
        p[r + 1] = es[l];
    }
}

INLINE void run(const int r, const int prefetches, int m, double sigma, long n_replicas, long n_steps, uint32_t seed, double *log_odds) {
    const int stride = (2 * r + 2 + 7) / 8 * 8;
    const long lane = (long)m * stride + 16;
    const double c = 2 / (sigma * sigma);
    const Doubles plus_growth = all(exp(c)), minus_growth = all(exp(-c));
    double *records = aligned_alloc(64, sizeof(double) * lane * LANES * GROUPS);
    Draws *draws = aligned_alloc(64, sizeof(Draws) * GROUPS);
    Keys *keys = aligned_alloc(64, sizeof(Keys) * GROUPS);
    for (long replica = 0; replica < n_replicas; replica += LANES * GROUPS) {
        memset(records, 0, sizeof(double) * lane * LANES * GROUPS);
        for (long l = 0; l < LANES * GROUPS; l++)
            for (int i = 0; i < m; i++) { /* start: log-odds 0, memory +1, -1, +1, ... */
                double *p = records + l * lane + (long)i * stride;
                p[r] = 1;
                for (int h = 0; h < r; h++) {
                    p[h] = h % 2 ? -1 : 1;
                    p[r + 2 + h] = exp(c * p[h]);
                }
            }
        for (int g = 0; g < GROUPS; g++) schedule_keys(keys + g, seed, replica + LANES * g);
        for (long step = 0; step < n_steps; step += AHEAD) {
            for (int g = 0; g < GROUPS; g++) draw_ahead(draws + g, keys + g, (uint32_t)step, m, stride, sigma, 1);
            for (int t = 0; t < AHEAD && step + t < n_steps; t++)
                for (int g = 0; g < GROUPS; g++) {
                    double *mine = records + g * LANES * lane;
                    if (prefetches && t + 2 < AHEAD)
                        for (int l = 0; l < LANES; l++) {
                            for (int z = 0; z < stride; z += 8) __builtin_prefetch(mine + l * lane + draws[g].receiver[t + 2][l] + z);
                            __builtin_prefetch(mine + l * lane + draws[g].sender[t + 2][l] + r);
                        }
                    step_group(r, mine, lane, draws + g, t, plus_growth, minus_growth);
                }
        }
        for (long l = 0; l < LANES * GROUPS && replica + l < n_replicas; l++)
            for (int i = 0; i < m; i++) {
                const double *p = records + l * lane + (long)i * stride;
                log_odds[(replica + l) * m + i] = log(p[r]) + p[r + 1] * 128 * M_LN2;
            }
    }
    free(records);
    free(draws);
    free(keys);
}

/* ------------------------------------------------------------------ r = 1: l += 2 y / sigma^2 */

static void run_single_memory(int m, double sigma, long n_replicas, long n_steps, uint32_t seed, double *log_odds) {
    const Doubles c = all(2 / (sigma * sigma)), minus_c = all(-2 / (sigma * sigma));
    const Words lanes = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    double *state = aligned_alloc(64, 64 * (long)m);
    Draws *draws = aligned_alloc(64, sizeof(Draws));
    Keys keys;
    for (long replica = 0; replica < n_replicas; replica += LANES) {
        schedule_keys(&keys, seed, replica);
        memset(state, 0, 64 * (long)m);
        for (long step = 0; step < n_steps; step += AHEAD) {
            draw_ahead(draws, &keys, (uint32_t)step, m, LANES, sigma, 0);
            for (int t = 0; t < AHEAD; t++) draws->u[t] = _mm512_div_pd(draws->u[t], _mm512_sub_pd(all(1), draws->u[t]));
            for (int t = 0; t < AHEAD; t++) draws->u[t] = _ZGVeN8v_log(draws->u[t]);
            for (int t = 0; t < AHEAD && step + t < n_steps; t++) {
                Words i = _mm512_add_epi64(_mm512_loadu_si512(draws->receiver[t]), lanes);
                Words j = _mm512_add_epi64(_mm512_loadu_si512(draws->sender[t]), lanes);
                if (m == 2) { /* choices instead of gathers */
                    const Words other = _mm512_set1_epi64(LANES);
                    Doubles a = _mm512_load_pd(state), b = _mm512_load_pd(state + LANES);
                    __mmask8 to_b = _mm512_test_epi64_mask(i, other);
                    Doubles from = _mm512_mask_mov_pd(a, _mm512_test_epi64_mask(j, other), b);
                    Doubles mean = _mm512_mask_mov_pd(minus_c, _mm512_cmp_pd_mask(draws->u[t], from, _CMP_LT_OQ), c);
                    Doubles gain = _mm512_add_pd(draws->growth[t], mean);
                    _mm512_store_pd(state, _mm512_mask_add_pd(a, (__mmask8)~to_b, a, gain));
                    _mm512_store_pd(state + LANES, _mm512_mask_add_pd(b, to_b, b, gain));
                    continue;
                }
                Doubles from = _mm512_i64gather_pd(j, state, 8), to = _mm512_i64gather_pd(i, state, 8);
                Doubles mean = _mm512_mask_mov_pd(minus_c, _mm512_cmp_pd_mask(draws->u[t], from, _CMP_LT_OQ), c);
                _mm512_i64scatter_pd(state, i, _mm512_add_pd(to, _mm512_add_pd(draws->growth[t], mean)), 8);
            }
        }
        for (long l = 0; l < LANES && replica + l < n_replicas; l++)
            for (int i = 0; i < m; i++) log_odds[(replica + l) * m + i] = state[LANES * i + l];
    }
    free(state);
    free(draws);
}

/* Advance n_replicas by n_steps from log-odds 0; returns 0, or 1 where (r, sigma) is not compiled in. */
int run_chain(int m, int r, double sigma, long n_replicas, long n_steps, uint32_t seed, double *log_odds) {
    const int prefetches = (long)m * (2 * r + 2) * 64 * GROUPS > 24576;
    if (sigma < 0.19 && r > 1) return 1;
    if (r == 1) run_single_memory(m, sigma, n_replicas, n_steps, seed, log_odds);
    else if (r == 5 && prefetches) run(5, 1, m, sigma, n_replicas, n_steps, seed, log_odds);
    else if (r == 5) run(5, 0, m, sigma, n_replicas, n_steps, seed, log_odds);
    else if (r == 10 && prefetches) run(10, 1, m, sigma, n_replicas, n_steps, seed, log_odds);
    else if (r == 10) run(10, 0, m, sigma, n_replicas, n_steps, seed, log_odds);
    else return 1;
    return 0;
}
