/* A training step: forward, loss, backward, update; and evaluation and prediction.

   NumPy's twin: training/updates.py over nn/network.py. Every part runs the same code on its own
   rows of the batch, then on its own rows of each weight matrix; they meet where one needs what
   another has computed. Sums are taken in the same order however many parts there are. */

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

static void meet(Job *job) { wait_for_all(job, 0); }

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
    int learning;
    int modal;
} Turn;

/* The part's share of n rows, in whole tiles. */
INLINE int64_t edge(int64_t n, int64_t part, int64_t parts) {
    int64_t tiles = (n + TILE_ROWS - 1) / TILE_ROWS, at = tiles * part / parts * TILE_ROWS;
    return at < n ? at : n;
}

INLINE int64_t column_edge(int64_t row, int64_t part, int64_t parts) {
    return row / LANES * part / parts * LANES;
}

static void gather(const Turn *turn) {
    const Job *job = turn->job;
    const Examples *data = job->data;
    const int64_t width = data->width;
    for (int64_t i = turn->first; i < turn->last; i++) {
        int64_t at = turn->picked[i - turn->first];
        float *out = job->gathered + i * job->gathered_row;
        const float factor = data->scale[1];
        const uint16_t *moved = turn->shifts
            ? job->moved + turn->shifts[i - turn->first] * job->moved_row : NULL;
        if (moved) memset(out, 0, 4 * width);
        if (data->kind == FLOATS) {
            const float *row = (const float *)data->examples + at * width;
            if (moved) {
                for (int64_t j = 0; j < width; j++)
                    if (moved[j] < width) out[moved[j]] = row[j] * factor;
            } else if (factor == 1.0f) memcpy(out, row, 4 * width);
            else
                for (int64_t j = 0; j < width; j++) out[j] = row[j] * factor;
        } else {
            const uint8_t *row = (const uint8_t *)data->examples + at * width;
            if (moved) {
                for (int64_t j = 0; j < width; j++)
                    if (moved[j] < width) out[moved[j]] = data->scale[row[j]];
            } else
                for (int64_t j = 0; j < width; j++) out[j] = row[j] * factor;
        }
    }
}

/* Compress the part's rows into its own buffers; they are then numbered from 0. */
static const Examples *compress_rows(const Turn *turn) {
    const Examples *data = turn->job->data;
    Examples *own = (Examples *)turn->job->compressed + turn->part;
    int64_t end = 0;
    own->starts[0] = 0;
    for (int64_t i = 0; i < turn->last - turn->first; i++) {
        const uint8_t *row = (const uint8_t *)data->examples + turn->picked[i] * data->width;
        end = compress_bytes(row, data->width, own->columns, (uint8_t *)own->values, end);
        own->starts[i + 1] = end;
    }
    return own;
}

INLINE void prefetch_ahead(const Turn *turn, const Examples *data, int64_t at, int on_the_fly) {
    if (on_the_fly || turn->picked + at + 2 * AHEAD >= turn->ahead) return;
    __builtin_prefetch(data->starts + turn->picked[at + 2 * AHEAD]);
    prefetch_entries(data, turn->picked[at + AHEAD]);
}

/* Where the shift of a row moves its columns, or NULL. */
INLINE const uint16_t *moved_for(const Turn *turn, int64_t at) {
    return turn->shifts ? turn->job->moved + turn->shifts[at] * turn->job->moved_row : NULL;
}

static void sparse_forward(const Turn *turn, const Layer *layer) {
    const Job *job = turn->job;
    const int on_the_fly = job->data->kind == SPARSE_ON_THE_FLY;
    const Examples *data = on_the_fly ? compress_rows(turn) : job->data;
    const int64_t columns = layer->n_in + 1;
    int32_t *counts = NULL;
    void *files = NULL;
    if (turn->learning) {
        counts = job->counts + turn->part * columns;
        files = filed_from(job, turn->first); /* a column has room for the whole batch */
        memset(counts, 0, 4 * columns);
    }
    for (int64_t i = turn->first; i < turn->last; i++) {
        int64_t at = i - turn->first;
        prefetch_ahead(turn, data, at, on_the_fly);
        sparse_example(entries_of(data, on_the_fly ? at : turn->picked[at]), moved_for(turn, at), layer,
                       layer->output + i * layer->row_out, counts, files, job->capacity, (uint32_t)i);
    }
}

static void affine_forward(const Turn *turn, const Layer *layer) {
    product(turn->last - turn->first, layer->row_out, layer->n_in,
            rows_of(layer->output + turn->first * layer->row_out, layer->row_out),
            rows_of(layer->bias, 0),
            rows_of(layer->input + turn->first * layer->row_in, layer->row_in),
            rows_of(layer->weights, layer->row_out));
}

static void batch_norm_forward(const Turn *turn, const Layer *layer) {
    Job *job = turn->job;
    if (!turn->modal) {
        normalize_columns(layer, layer->running_mean, layer->running_variance, turn->first,
                          turn->last, 0);
        return;
    }
    meet(job);
    column_statistics(layer, turn->batch, column_edge(layer->row_in, turn->part, job->parts),
                      column_edge(layer->row_in, turn->part + 1, job->parts));
    meet(job);
    normalize_columns(layer, layer->mean, layer->variance, turn->first, turn->last, 1);
}

static void dropout_forward(const Turn *turn, const Layer *layer) {
    const int64_t row = layer->row_in, begin = turn->first * row, end = turn->last * row;
    if (!turn->modal) {
        memcpy(layer->output + begin, layer->input + begin, 4 * (end - begin));
        return;
    }
    draw_mask(turn->job, turn->step, layer->draws * turn->batch, (float)layer->setting,
              1.0f / (float)(1 - layer->setting), layer->saved, row, layer->n_in, turn->first,
              turn->last);
    for (int64_t k = begin; k < end; k += LANES)
        store(layer->output + k, load(layer->input + k) * load(layer->saved + k));
}

static void forward(const Turn *turn) {
    const Job *job = turn->job;
    for (int64_t number = 0; number < job->layer_count; number++) {
        const Layer *layer = job->layers + number;
        const int64_t begin = turn->first * layer->row_out, end = turn->last * layer->row_out;
        if (number == 0) {
            if (job->data->kind >= SPARSE_BYTES) {
                sparse_forward(turn, layer);
                continue;
            }
            gather(turn);
        }
        switch (layer->kind) {
        case AFFINE: affine_forward(turn, layer); break;
        case DROPOUT: dropout_forward(turn, layer); break;
        case BATCH_NORM: batch_norm_forward(turn, layer); break;
        case LAYER_NORM: normalize_rows(layer, turn->first, turn->last); break;
        default:
            activate(layer->activation, (float)layer->setting, layer->input + begin,
                     layer->output + begin, layer->saved ? layer->saved + begin : NULL, end - begin);
        }
        if (layer->kind == AFFINE && turn->learning && layer->input_gradient)
            transpose(layer, edge(layer->n_in, turn->part, job->parts),
                      edge(layer->n_in, turn->part + 1, job->parts));
    }
}

/* The largest magnitude of n floats, a multiple of LANES; NaN does not count. */
INLINE float largest_magnitude(const float *x, int64_t n) {
    lanes most = all(0);
    float result = 0;
    for (int64_t k = 0; k < n; k += LANES) most = larger(magnitude(load(x + k)), most);
    for (int i = 0; i < LANES; i++) result = most[i] > result ? most[i] : result;
    return result;
}

/* Whether this part's rows have finite gradients: d is finite, and x^T d, which is not computed
   apart from the weights, cannot overflow. A sum is finite only if its terms are. */
static int are_finite(const Turn *turn, const Layer *layer) {
    const Examples *data = turn->job->data;
    const int64_t row = layer->row_out, begin = turn->first, rows = turn->last - begin;
    const float *d = layer->output_gradient + begin * row;
    lanes sum = all(0);
    for (int64_t k = 0; k < rows * row; k += LANES) sum += load(d + k) * 0.0f;
    float total = 0;
    for (int i = 0; i < LANES; i++) total += sum[i];
    const int is_sparse = layer == turn->job->layers && data->kind >= SPARSE_BYTES;
    const double x = is_sparse ? data->largest
        : largest_magnitude(layer->input + begin * layer->row_in, rows * layer->row_in);
    return total == 0 && (1 + x) * largest_magnitude(d, rows * row) * turn->batch < FLT_MAX;
}

static void affine_backward(const Turn *turn, const Layer *layer, float factor) {
    float *d = layer->output_gradient + turn->first * layer->row_out;
    const int64_t rows = turn->last - turn->first;
    if (layer->input_gradient)
        product(rows, layer->row_in, layer->n_out,
                rows_of(layer->input_gradient + turn->first * layer->row_in, layer->row_in),
                rows_of(turn->job->zeros, 0), rows_of(d, layer->row_out),
                rows_of(layer->transposed, layer->row_in));
    if (turn->job->fused) { /* the gradient is then added to the weights themselves */
        if (!are_finite(turn, layer)) __atomic_store_n(&turn->job->refused, 1, __ATOMIC_RELAXED);
        for (int64_t k = 0; k < rows * layer->row_out; k += LANES)
            store(d + k, load(d + k) * factor);
    }
}

static void backward(const Turn *turn, float factor) {
    Job *job = turn->job;
    for (int64_t number = job->layer_count - 1; number >= 0; number--) {
        const Layer *layer = job->layers + number;
        const int64_t begin = turn->first * layer->row_out, end = turn->last * layer->row_out;
        const int64_t from = column_edge(layer->row_in, turn->part, job->parts);
        const int64_t to = column_edge(layer->row_in, turn->part + 1, job->parts);
        switch (layer->kind) {
        case AFFINE: affine_backward(turn, layer, factor); break;
        case DROPOUT:
            if (layer->input_gradient)
                for (int64_t k = begin; k < end; k += LANES)
                    store(layer->input_gradient + k,
                          load(layer->output_gradient + k) * load(layer->saved + k));
            break;
        case BATCH_NORM:
            meet(job);
            column_sums(layer, turn->batch, from, to);
            meet(job);
            if (layer->input_gradient) pull_columns(layer, turn->batch, turn->first, turn->last);
            break;
        case LAYER_NORM:
            meet(job);
            column_sums(layer, turn->batch, from, to);
            meet(job);
            if (layer->input_gradient) pull_rows(layer, turn->first, turn->last);
            break;
        default:
            if (layer->input_gradient)
                multiply_by_slope(layer->activation, (float)layer->setting,
                                  layer->output_gradient + begin, layer->output + begin,
                                  layer->saved ? layer->saved + begin : NULL, end - begin);
        }
    }
}

/* SGD's update of gamma and beta. */
static void update_norm(const Layer *layer, float factor, int64_t first, int64_t last) {
    for (int64_t k = first; k < last; k += LANES) {
        store(layer->weights + k, load(layer->weights + k) + factor * load(layer->weight_gradient + k));
        store(layer->bias + k, load(layer->bias + k) + factor * load(layer->bias_gradient + k));
    }
}

/* The gradients of this part's rows of every weight matrix, or SGD's update of them, which is added
   to the weights themselves: backward has multiplied d by `factor`, the negative learning rate. */
static void weight_gradients(const Turn *turn, float factor) {
    const Job *job = turn->job;
    for (int64_t number = 0; number < job->layer_count; number++) {
        const Layer *layer = job->layers + number;
        if (layer->kind != AFFINE) {
            if (job->fused && layer->weights)
                update_norm(layer, factor, column_edge(layer->row_in, turn->part, job->parts),
                            column_edge(layer->row_in, turn->part + 1, job->parts));
            continue;
        }
        const int64_t row = layer->row_out;
        const int64_t first = edge(layer->n_in, turn->part, job->parts);
        const int64_t last = edge(layer->n_in, turn->part + 1, job->parts);
        float *target = job->fused ? layer->weights : layer->weight_gradient;
        if (number == 0 && job->data->kind >= SPARSE_BYTES) {
            if (!job->fused) memset(target + first * row, 0, 4 * (last - first) * row);
            sparse_gradient(job, layer, target, turn->batch, first, last);
        } else {
            Matrix c = rows_of(target + first * row, row);
            product(last - first, row, turn->batch, c, job->fused ? c : rows_of(job->zeros, 0),
                    (Matrix){layer->input + first, 1, layer->row_in},
                    rows_of(layer->output_gradient, row));
        }
        if (turn->part == 0 && layer->bias_gradient) {
            float *sums = job->fused ? layer->bias : layer->bias_gradient;
            if (!job->fused) memset(sums, 0, 4 * row);
            sum_rows(layer->output_gradient, turn->batch, row, sums);
        }
    }
}

static void update_statistics(const Turn *turn) {
    const Job *job = turn->job;
    for (int64_t number = 0; number < job->layer_count; number++) {
        const Layer *layer = job->layers + number;
        if (layer->kind == BATCH_NORM)
            update_running(layer, turn->batch, column_edge(layer->row_in, turn->part, job->parts),
                           column_edge(layer->row_in, turn->part + 1, job->parts));
    }
}

/* Apply all changes to this part's chunks. Every part returns the same: whether it was refused. */
static int apply_changes(const Turn *turn, const double *rates) {
    Job *job = turn->job;
    if (job->change_count == 0) return 0;
    sum_squares(job, turn->part);
    meet(job);
    if (!isfinite(total_of_chunks(job))) {
        job->refused = 1;
        return 1;
    }
    for (int64_t i = 0; i < job->change_count; i++) {
        const Change *change = job->changes + i;
        double norm = 0;
        if (change->kind == CLIP_NORM) {
            meet(job);
            sum_squares(job, turn->part);
            meet(job);
            norm = sqrt(total_of_chunks(job));
        }
        for (int64_t c = turn->part; c * CHUNK < job->size; c += job->parts) {
            int64_t first = c * CHUNK, last = first + CHUNK;
            if (first < change->first) first = change->first;
            if (last > change->last) last = change->last;
            if (first < last) apply_change(job, change, rates, norm, first, last);
        }
    }
    return 0;
}

static Turn turn_of(Job *job, int64_t part, int64_t step) {
    const int64_t begin = job->begins[step], batch = job->begins[step + 1] - begin;
    const int64_t first = batch * part / job->parts;
    return (Turn){
        .job = job, .part = part, .step = step, .batch = batch, .first = first,
        .last = batch * (part + 1) / job->parts, .picked = job->picked + begin + first,
        .ahead = job->picked + job->begins[job->step_count],
        .shifts = job->shifts ? job->shifts + begin + first : NULL,
        .learning = 1, .modal = 1,
    };
}

INLINE float factor_of(const Turn *turn) {
    return -(float)turn->job->rates[turn->step * turn->job->rate_count];
}

/* Forward and backward; returns the loss. A loss that is not finite ends it before backward. */
static double loss_and_gradient(const Turn *turn) {
    Job *job = turn->job;
    const Layer *last = job->layers + job->layer_count - 1;
    forward(turn);
    head_rows(job, last, turn->picked, turn->first, turn->last, turn->batch);
    meet(job);
    double loss = loss_of_batch(job, turn->batch);
    if (turn->part == 0) job->losses[turn->step] = loss;
    if (job->stop_on_nonfinite && !isfinite(loss)) return loss;
    backward(turn, factor_of(turn));
    meet(job);
    return loss;
}

static double evaluate(void *address, int64_t part);
static double total(void *address, int64_t part);

/* Losses and correct predictions of all sets after an epoch, which one part has trained alone.
   Returns whether all losses are finite. */
static int evaluate_sets(Job *job, int64_t epoch) {
    int finite = 1;
    for (int64_t i = 0; i < job->set_count; i++) {
        Job *set = (Job *)job->sets + i;
        double *result = job->results + 2 * (epoch * job->set_count + i);
        result[1] = evaluate(set, 0);
        result[0] = total(set, 0);
        finite &= isfinite(result[0]) != 0;
    }
    return finite;
}

/* Steps until the last, or until a loss or a gradient is not finite. */
static double train(void *address, int64_t part) {
    Job *job = address;
    if (!all_begin(job)) return 0;
    for (int64_t step = 0; step < job->step_count; step++) {
        Turn turn = turn_of(job, part, step);
        double loss = loss_and_gradient(&turn);
        if (job->stop_on_nonfinite && !isfinite(loss)) return step;
        if (job->fused && job->refused) return step;
        weight_gradients(&turn, factor_of(&turn));
        if (!job->fused) {
            meet(job);
            if (apply_changes(&turn, job->rates + step * job->rate_count)) return step;
        }
        if (job->modal) update_statistics(&turn);
        meet(job);
        if (job->epoch_steps && (step + 1) % job->epoch_steps == 0)
            if (!evaluate_sets(job, step / job->epoch_steps)) return (double)(step + 1);
    }
    return (double)job->step_count;
}

/* The first half of a step: its loss, and all gradients in the flat array. */
static double gradient(void *address, int64_t part) {
    Job *job = address;
    if (!all_begin(job)) return 0;
    Turn turn = turn_of(job, part, 0);
    double loss = loss_and_gradient(&turn);
    if (job->stop_on_nonfinite && !isfinite(loss)) return loss;
    weight_gradients(&turn, factor_of(&turn));
    return loss;
}

/* The other half. */
static double update(void *address, int64_t part) {
    Job *job = address;
    if (!all_begin(job)) return 0;
    Turn turn = turn_of(job, part, 0);
    if (apply_changes(&turn, job->rates)) return 0;
    if (job->modal) update_statistics(&turn);
    return 1;
}

/* A block of rows through the net as in evaluation, into this part's rows of the arena. */
static Turn block_of(Job *job, int64_t part, int64_t begin, int64_t *rows) {
    const int64_t each = job->arena_rows / job->parts, first = part * each;
    const int64_t end = edge(job->row_count, part + 1, job->parts);
    *rows = end - begin < each ? end - begin : each;
    return (Turn){
        .job = job, .part = part, .batch = job->arena_rows, .first = first,
        .last = first + *rows, .picked = job->rows + begin, .ahead = job->rows + job->row_count,
    };
}

/* The losses of this part's rows, and how many predictions are right. */
static double evaluate(void *address, int64_t part) {
    Job *job = address;
    const Layer *last = job->layers + job->layer_count - 1;
    int64_t right = 0, rows;
    for (int64_t begin = edge(job->row_count, part, job->parts);
         begin < edge(job->row_count, part + 1, job->parts); begin += rows) {
        Turn turn = block_of(job, part, begin, &rows);
        forward(&turn);
        head_rows(job, last, turn.picked, turn.first, turn.last, turn.batch);
        for (int64_t i = 0; i < rows; i++) {
            job->each[begin + i] = job->row_losses[turn.first + i];
            right += right_in_row(job, last->output + (turn.first + i) * last->row_out,
                                  turn.picked[i]);
        }
    }
    job->right[part] = (double)right;
    return (double)right;
}

/* The sum of all rows' losses, in their order. */
static double total(void *address, int64_t part) {
    const Job *job = address;
    double sum = 0;
    (void)part;
    for (int64_t i = 0; i < job->row_count; i++) sum += job->each[i];
    return sum;
}

/* Scores, or probabilities, of this part's rows. */
static double predict(void *address, int64_t part) {
    Job *job = address;
    const Layer *last = job->layers + job->layer_count - 1;
    int64_t rows;
    for (int64_t begin = edge(job->row_count, part, job->parts);
         begin < edge(job->row_count, part + 1, job->parts); begin += rows) {
        Turn turn = block_of(job, part, begin, &rows);
        forward(&turn);
        for (int64_t i = 0; i < rows; i++) {
            float *scores = last->output + (turn.first + i) * last->row_out;
            if (job->probabilities) probabilities_of(job, scores, job->outputs);
            memcpy(job->answers + (begin + i) * job->outputs, scores, 4 * job->outputs);
        }
    }
    return 0;
}

/* The number of nonzero entries of each of this part's rows, in starts[1:]. */
static double count(void *address, int64_t part) {
    Job *job = address;
    Examples *data = job->data;
    const int64_t width = data->width;
    const int64_t end = job->row_count * (part + 1) / job->parts;
    for (int64_t i = job->row_count * part / job->parts; i < end; i++) {
        int64_t nonzero = 0;
        if (data->source == FLOATS) {
            const float *row = (const float *)data->examples + i * width;
            for (int64_t j = 0; j < width; j++) nonzero += row[j] != 0.0f;
        } else {
            const uint8_t *row = (const uint8_t *)data->examples + i * width;
            for (int64_t j = 0; j < width; j++) nonzero += row[j] != 0;
        }
        data->starts[i + 1] = nonzero;
    }
    return 0;
}

/* Compress this part's rows, whose places `starts` says. */
static double compress(void *address, int64_t part) {
    Job *job = address;
    const Examples *data = job->data;
    const int64_t width = data->width;
    const int64_t end = job->row_count * (part + 1) / job->parts;
    int64_t others = 0;
    for (int64_t i = job->row_count * part / job->parts; i < end; i++) {
        const int64_t k = data->starts[i];
        if (data->source == BYTES) {
            const uint8_t *row = (const uint8_t *)data->examples + i * width;
            if (i + 1 == end) /* the next row may be another part's */
                compress_bytes_exactly(row, width, data->columns, data->values, k);
            else compress_bytes(row, width, data->columns, data->values, k);
            continue;
        }
        const float *row = (const float *)data->examples + i * width;
        if (data->kind == SPARSE_FLOATS)
            compress_floats(row, width, data->columns, data->values, k);
        else
            others += compress_as_bytes(row, width, data->scale, data->columns, data->values, k);
    }
    job->right[part] = (double)others;
    return (double)others;
}
