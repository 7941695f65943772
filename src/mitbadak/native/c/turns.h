/* The turns of threads: what one thread does of a step, and where the threads meet.

   Every part runs the same code on its own rows of the batch, then on its own rows of each weight
   matrix, and meets the others where one needs what another has computed. Sums are taken in the
   same order however many parts there are. */

#if defined(_WIN32)
__declspec(dllimport) int SwitchToThread(void);
#define YIELD() SwitchToThread()
#else
#include <sched.h>
#define YIELD() sched_yield()
#endif

enum { SPINS = 1000 }; /* some 30 us: a part that waits longer lets others run */

/* Wait until all parts are here; or, if `may_end`, until the job is abandoned: returns 0. */
INLINE int wait_for_all(Job *job, const int may_end) {
    if (job->parts == 1) return 1;
    int64_t round = __atomic_load_n(&job->round, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&job->waiting, 1, __ATOMIC_ACQ_REL) == job->parts) {
        __atomic_store_n(&job->waiting, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&job->round, round + 1, __ATOMIC_RELEASE);
        return 1;
    }
    for (int64_t spins = 0; __atomic_load_n(&job->round, __ATOMIC_ACQUIRE) == round; spins++) {
        if (may_end && __atomic_load_n(&job->abandoned, __ATOMIC_ACQUIRE)) return 0;
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
        if (spins > SPINS) YIELD();
    }
    return 1;
}

static void barrier(Job *job) { wait_for_all(job, 0); }

/* Whether all parts have begun. None may go on before: where Python raises an exception between
   starting the others and starting the first, they would wait for it forever. */
static int all_begin(Job *job) { return wait_for_all(job, 1); }

/* A part of a step. */
typedef struct {
    Job *job;
    int64_t part;
    int64_t step;
    int64_t batch;         /* rows of the whole batch */
    int64_t first;         /* this part's rows of the arena */
    int64_t last;
    const int64_t *picked; /* the examples of these rows */
    const int64_t *ahead;  /* where the picked rows end in memory, for prefetching */
    const int64_t *shifts; /* of these rows, or NULL */
    int learning;          /* whether layers behave as in training */
} Turn;

/* The part's room for copies of a wide matrix, or NULL. */
INLINE float *panel_of(const Turn *turn) {
    float *panels = turn->job->panels;
    return panels ? panels + turn->part * (PANEL_ROWS * PANEL_COLUMNS) : NULL;
}

/* The part's share of n rows, in whole tiles. */
INLINE int64_t edge(int64_t n, int64_t part, int64_t parts) {
    int64_t tiles = (n + TILE_ROWS - 1) / TILE_ROWS, at = tiles * part / parts * TILE_ROWS;
    return at < n ? at : n;
}

INLINE int64_t column_edge(int64_t row, int64_t part, int64_t parts) {
    return row / LANES * part / parts * LANES;
}
