/* Training steps: forward, loss, backward, update.

   NumPy's twin: training/updates.py. */

static void update_statistics(const Turn *turn) {
    const Job *job = turn->job;
    for (int64_t number = 0; number < job->layer_count; number++) {
        const Layer *layer = job->layers + number;
        if (layer->kind == BATCH_NORM)
            update_running(layer, turn->batch * layer->pixels_in, column_edge(layer->row_in, turn->part, job->parts),
                           column_edge(layer->row_in, turn->part + 1, job->parts));
    }
}

/* Apply all changes to this part's chunks. Every part returns the same: whether it was refused. */
static int apply_changes(const Turn *turn, const double *rates) {
    Job *job = turn->job;
    if (job->change_count == 0) return 0;
    sum_squares(job, turn->part);
    barrier(job);
    if (!isfinite(total_of_chunks(job))) {
        __atomic_store_n(&job->refused, 1, __ATOMIC_RELAXED);
        return 1;
    }
    for (int64_t i = 0; i < job->change_count; i++) {
        const Change *change = job->changes + i;
        double norm = 0;
        if (change->kind == CLIP_NORM) {
            barrier(job);
            sum_squares(job, turn->part);
            barrier(job);
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
        .learning = 1,
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
    head_rows(job, last, turn->picked, turn->first, turn->last, turn->batch, 1);
    barrier(job);
    double loss = loss_of_batch(job, turn->batch);
    if (turn->part == 0) job->losses[turn->step] = loss;
    if (job->stop_on_nonfinite && !isfinite(loss)) return loss;
    backward(turn, factor_of(turn));
    barrier(job);
    return loss;
}

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
            barrier(job);
            if (apply_changes(&turn, job->rates + step * job->rate_count)) return step;
        }
        if (job->updates_statistics) update_statistics(&turn);
        barrier(job);
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

/* Plain SGD after `gradient`, computed as `train` does, so that the bits are the same whether or not
   a callback has read the gradients. Returns 0 where one is not finite. */
static int descend(const Turn *turn) {
    Job *job = turn->job;
    const float factor = factor_of(turn);
    sum_squares(job, turn->part);
    barrier(job);
    if (!isfinite(total_of_chunks(job))) return 0;
    for (int64_t number = 0; number < job->layer_count; number++)
        if (job->layers[number].kind == AFFINE) multiply_gradient(turn, job->layers + number, factor);
    barrier(job);
    weight_gradients(turn, factor);
    return 1;
}

/* The other half. */
static double update(void *address, int64_t part) {
    Job *job = address;
    if (!all_begin(job)) return 0;
    Turn turn = turn_of(job, part, 0);
    if (job->fused ? !descend(&turn) : apply_changes(&turn, job->rates)) return 0;
    if (job->updates_statistics) update_statistics(&turn);
    return 1;
}
