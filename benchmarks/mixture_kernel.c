// A yardstick for the general system: n agents, c <= 32 components N(a, s^2), a = 0 .. c-1, on the line; synchronous,
// k nearest neighbours. Likelihoods of the memory are kept with it, so the two new points cost 2 c exponentials;
// weights are linear, floored at 1e-300, with a row in logs where its total underflows. AVX-512 and libmvec.
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef __m512d V;
V _ZGVeN8v_exp(V);
#define INLINE static inline __attribute__((always_inline))
#define ALL _mm512_set1_pd
#define PADDED 32
#define MOST_NEAR 64
#define MOST_MEMORY 16

// xoshiro256++, and normals by Marsaglia's polar method with one kept
typedef struct { uint64_t s[4]; double kept; int has; } Rng;
INLINE uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
INLINE uint64_t next(Rng *g) {
    uint64_t *s = g->s, result = rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotate(s[3], 45);
    return result;
}
INLINE double uniform(Rng *g) { return ((next(g) >> 11) + 0.5) * 0x1p-53; }
INLINE int below(Rng *g, int n) { return (int)(((__uint128_t)next(g) * (uint64_t)n) >> 64); }
static double normal(Rng *g) {
    if (g->has) { g->has = 0; return g->kept; }
    double u, v, q;
    do { u = 2 * uniform(g) - 1; v = 2 * uniform(g) - 1; q = u * u + v * v; } while (q >= 1);
    double f = sqrt(-2 * log(q) / q);
    g->kept = v * f; g->has = 1;
    return u * f;
}
static void start(Rng *g, uint64_t seed) {
    for (int k = 0; k < 4; k++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL; z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        g->s[k] = z ^ (z >> 31);
    }
    g->has = 0;
}

// One of the k nearest others of agent i: the (q + 1)-th smallest distance, q uniform.
static int partner(const double *by_component, const double *w, int n, int ld, int c, int i, int k, Rng *g, double *d) {
    if (k >= n - 1) { int j = below(g, n - 1); return j + (j >= i); }
    for (int j = 0; j < n; j++) d[j] = 0;
    for (int a = 0; a < c; a++) {
        double v = w[a]; const double *column = by_component + (long)a * ld;
        for (int j = 0; j < n; j++) { double e = column[j] - v; d[j] += e * e; }
    }
    int q = below(g, k), length = 0, who[MOST_NEAR]; double best[MOST_NEAR];
    for (int j = 0; j < n; j++) {
        if (j == i || (length == q + 1 && d[j] >= best[q])) continue;
        int b = length < q + 1 ? length++ : q;
        while (b > 0 && best[b - 1] > d[j]) { best[b] = best[b - 1]; who[b] = who[b - 1]; b--; }
        best[b] = d[j]; who[b] = j;
    }
    return who[q];
}
INLINE int component(const double *w, int c, double u) {
    int a = 0; double t = w[0];
    while (u >= t && a < c - 1) t += w[++a];
    return a;
}
INLINE int farthest(const double *x, int r, double y) {
    int b = 0; double most = fabs(x[0] - y);
    for (int h = 1; h < r; h++) { double e = fabs(x[h] - y); if (e > most) { most = e; b = h; } }
    return b;
}
INLINE void likelihoods(double x, const double *mu, int c, double precision, double *out) {
    double k = rint(x), nearest = x - (k < 0 ? 0 : k > c - 1 ? c - 1 : k), top = -0.5 * nearest * nearest * precision;
    for (int a = 0; a < PADDED; a += 8) {
        V d = _mm512_sub_pd(ALL(x), _mm512_load_pd(mu + a));
        V e = _mm512_sub_pd(_mm512_mul_pd(_mm512_mul_pd(d, d), ALL(-0.5 * precision)), ALL(top));
        // -300 and not -745: subnormal numbers would slow it down by a factor of two
        _mm512_store_pd(out + a, _ZGVeN8v_exp(_mm512_max_pd(e, ALL(-300))));
    }
}
INLINE void em(const double *w, const double *const *L, const double *x, int r, int c, const double *mu, double precision, double *out) {
    V sum[PADDED / 8], weight[PADDED / 8];
    for (int b = 0; b < PADDED / 8; b++) { sum[b] = ALL(0); weight[b] = _mm512_load_pd(w + 8 * b); }
    for (int h = 0; h < r; h++) {
        V q[PADDED / 8], s = ALL(0);
        for (int b = 0; b < PADDED / 8; b++) { q[b] = _mm512_mul_pd(weight[b], _mm512_load_pd(L[h] + 8 * b)); s = _mm512_add_pd(s, q[b]); }
        double total = _mm512_reduce_add_pd(s);
        if (__builtin_expect(total < 1e-120, 0)) {
            double top = -INFINITY, p[PADDED]; total = 0;
            for (int a = 0; a < c; a++) { double d = x[h] - mu[a]; p[a] = log(w[a]) - 0.5 * d * d * precision; if (p[a] > top) top = p[a]; }
            for (int a = 0; a < PADDED; a++) { p[a] = a < c ? exp(p[a] - top) : 0; total += p[a]; }
            for (int b = 0; b < PADDED / 8; b++) q[b] = _mm512_loadu_pd(p + 8 * b);
        }
        V scale = ALL(1 / (total * r));
        for (int b = 0; b < PADDED / 8; b++) sum[b] = _mm512_fmadd_pd(q[b], scale, sum[b]);
    }
    for (int b = 0; b < PADDED / 8; b++) _mm512_store_pd(out + 8 * b, sum[b]);
}

// The agents' mean largest weight after T steps from even weights.
double run_mixture(int n, int c, int r, double s, double p, int k, long T, uint64_t seed) {
    if (c > PADDED || r > MOST_MEMORY || (k < n - 1 && k > MOST_NEAR)) return -1;
    int ld = (n + 7) / 8 * 8; long rows = (long)n * r * PADDED;
    double *W = aligned_alloc(64, 16L * n * PADDED), *Q = aligned_alloc(64, 16 * rows), *M = calloc(2L * n * r, 8);
    double *by_component = calloc((long)c * ld, 8), *d = malloc(8L * n), precision = 1 / (s * s);
    double mu[PADDED] __attribute__((aligned(64)));
    memset(W, 0, 16L * n * PADDED);
    Rng g; start(&g, seed);
    for (int a = 0; a < PADDED; a++) mu[a] = a < c ? a : 1e6;
    for (int i = 0; i < n; i++) {
        for (int a = 0; a < c; a++) W[i * PADDED + a] = 1. / c;
        for (int h = 0; h < r; h++) {
            M[i * r + h] = mu[component(W + i * PADDED, c, uniform(&g))] + s * normal(&g);
            likelihoods(M[i * r + h], mu, c, precision, Q + ((long)i * r + h) * PADDED);
        }
    }
    for (long t = 0; t < T; t++) {
        long now = t & 1, then = ~t & 1;
        double *Wo = W + now * (long)n * PADDED, *Wn = W + then * (long)n * PADDED, *Mo = M + now * (long)n * r;
        double *Mn = M + then * (long)n * r, *Qo = Q + now * rows, *Qn = Q + then * rows;
        if (k < n - 1) for (int i = 0; i < n; i++) for (int a = 0; a < c; a++) by_component[a * ld + i] = Wo[i * PADDED + a];
        for (int i = 0; i < n; i++) {
            int j = uniform(&g) < p ? i : partner(by_component, Wo + i * PADDED, n, ld, c, i, k, &g, d);
            double x = mu[component(Wo + i * PADDED, c, uniform(&g))] + s * normal(&g), copy[MOST_MEMORY];
            double answer[PADDED] __attribute__((aligned(64))), row[PADDED] __attribute__((aligned(64)));
            const double *L[MOST_MEMORY];
            likelihoods(x, mu, c, precision, row);
            for (int h = 0; h < r; h++) { copy[h] = Mo[j * r + h]; L[h] = Qo + ((long)j * r + h) * PADDED; }
            int h = farthest(copy, r, x); copy[h] = x; L[h] = row;
            em(Wo + j * PADDED, L, copy, r, c, mu, precision, answer);
            double y = mu[component(answer, c, uniform(&g))] + s * normal(&g);
            memcpy(Mn + i * r, Mo + i * r, 8 * r);
            memcpy(Qn + (long)i * r * PADDED, Qo + (long)i * r * PADDED, 8L * r * PADDED);
            h = farthest(Mn + i * r, r, y); Mn[i * r + h] = y;
            likelihoods(y, mu, c, precision, Qn + ((long)i * r + h) * PADDED);
            for (int q = 0; q < r; q++) L[q] = Qn + ((long)i * r + q) * PADDED;
            double *w = Wn + i * PADDED;
            em(Wo + i * PADDED, L, Mn + i * r, r, c, mu, precision, w);
            for (int a = 0; a < c; a++) w[a] = w[a] > 1e-300 ? w[a] : 1e-300;
        }
    }
    double *Wl = W + (T & 1) * (long)n * PADDED, mean = 0;
    for (int i = 0; i < n; i++) { double top = 0; for (int a = 0; a < c; a++) top = fmax(top, Wl[i * PADDED + a]); mean += top / n; }
    free(W); free(Q); free(M); free(by_component); free(d);
    return mean;
}
